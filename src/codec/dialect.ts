import { invalidArgument } from "../base/status.js";

/**
 * What is spoken on a plain link:
 *
 * - `protobuf`: a `crossbus.v1.BusMessage` in Protocol Buffers. Crossbus ends speak it, and Python ones with the
 *   serializer of the Python package `crossbus`.
 * - `pipecat`: the JSON of pipecat-ai 1.3 and newer, which has workers and jobs.
 * - `pipecat-subagents`: the JSON of pipecat-ai-subagents, which has agents and tasks.
 */
export type Dialect = "protobuf" | "pipecat" | "pipecat-subagents";

/** A release: major, minor and patch. */
type Version = readonly [number, number, number];

/** The oldest release that each dialect can be spoken with; none where the peer has no release that matters. */
const oldestVersions: Readonly<Record<Dialect, string | undefined>> = {
  protobuf: undefined,
  pipecat: "1.3.0",
  "pipecat-subagents": "0.1.0",
};

/** What can be said about the peer of a plain link. */
export interface DialectOptions {
  /**
   * What is spoken with the peer on a plain link, which is what Python peers speak. Nothing is acknowledged on it, so that what
   * was on its way when a connection is lost is lost. Both ends must be told the same. Default: none, which means the
   * resumable link `crossbus.v1`, and nothing but that.
   */
  readonly dialect?: Dialect | undefined;
  /**
   * The release of the Python package at the other end, `pipecat-ai` or `pipecat-ai-subagents`, for instance
   * `"1.14.0"`: it isn't on the wire. Frame classes that came later are not sent, unless the peer has sent them
   * itself, and the tools of a language model take the form that it reads, unless what the peer sends shows that it
   * reads the other. Default: the oldest release that is supported, so that nothing reaches the peer that it might not
   * know; pipecat-ai 1.6 and 1.7 show nothing until they send tools themselves, and must be named for them. Not for
   * `protobuf`.
   */
  readonly peerVersion?: string | undefined;
}

/** Checks these options and fills in their defaults. Throws INVALID_ARGUMENT that names the option. */
export function checkDialect({ dialect = "protobuf", peerVersion }: DialectOptions): {
  readonly dialect: Dialect;
  readonly peerVersion: string | undefined;
} {
  if (!Object.hasOwn(oldestVersions, dialect)) {
    throw invalidArgument("dialect", dialect, `must be one of ${Object.keys(oldestVersions).join(", ")}`);
  }
  const oldest = oldestVersions[dialect];
  if (peerVersion === undefined) {
    return { dialect, peerVersion: oldest };
  }
  if (oldest === undefined) {
    throw invalidArgument("peerVersion", peerVersion, `must be left out for dialect ${dialect}`);
  }
  if (typeof peerVersion !== "string" || parseVersion(peerVersion) === undefined) {
    throw invalidArgument("peerVersion", peerVersion, 'must be a release such as "1.14.0"');
  }
  if (isOlder(peerVersion, oldest)) {
    throw invalidArgument("peerVersion", peerVersion, `must be at least ${oldest} for dialect ${dialect}`);
  }
  return { dialect, peerVersion };
}

/** Whether release `a` is older than release `b`. Neither needs a patch number. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) {
    throw invalidArgument("version", left === undefined ? a : b, 'must be a release such as "1.14.0"');
  }
  for (const [i, part] of left.entries()) {
    const other = right[i] ?? 0;
    if (part !== other) {
      return part < other;
    }
  }
  return false;
}

function parseVersion(text: string): Version | undefined {
  // What follows the numbers, `rc1` say, makes no difference here.
  const match = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:[a-z.+-][\w.+-]*)?$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}
