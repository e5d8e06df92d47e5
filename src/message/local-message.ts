/**
 * A bus message that carries live references. It has no schema, so it can't be encoded and never leaves the
 * process.
 */
export class LocalMessage<Case extends string = string, Body = unknown> {
  /** Whether it takes the system lane. */
  readonly isSystem: boolean = true;
  readonly source: string;
  readonly target: string | undefined;
  readonly body: { readonly case: Case; readonly value: Body };

  constructor(kind: Case, value: Body, envelope: { source: string; target?: string }) {
    this.source = envelope.source;
    this.target = envelope.target;
    this.body = { case: kind, value };
  }
}
