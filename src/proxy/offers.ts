import type { Peeked } from "../codec/codec.js";
import type { Offer } from "../link/link.js";
import { bodyTraits, frameTraits } from "../message/case-traits.js";

type Traits<Name extends string> = Readonly<Record<Name, { readonly number: number }>>;

/** What the peer doesn't take of what this end may send. */
export interface Refusals {
  /** The types, as `forwardMessages` names them. */
  readonly names: readonly string[];
  /** Whether a message is one of those. */
  has(message: Peeked): boolean;
}

/** Compares what this end may send with what the peer says that it takes. */
export function refusals(sends: Offer, takes: Offer): Refusals {
  const cases = without(sends.cases, takes.cases);
  const kinds = without(sends.frameKinds, takes.frameKinds);
  const types = without([...sends.customTypes, ...sends.pythonTypes], [...takes.customTypes, ...takes.pythonTypes]);
  return {
    names: [
      ...namesOf(bodyTraits, cases),
      ...namesOf(frameTraits, kinds).map((kind) => `frameKind("${kind}")`),
      ...types,
    ],
    has: ({ case: body, kind, typeName }) => {
      if (typeName !== undefined) {
        return types.has(typeName);
      }
      return kind === undefined ? cases.has(bodyTraits[body].number) : kinds.has(frameTraits[kind].number);
    },
  };
}

/** The field numbers of cases, or of kinds of frames. */
export function numbersOf<Name extends string>(traits: Traits<Name>, names: Iterable<Name>): readonly number[] {
  return Array.from(names, (name) => traits[name].number);
}

function without<T>(all: readonly T[], taken: readonly T[]): ReadonlySet<T> {
  const left = new Set(all);
  for (const item of taken) {
    left.delete(item);
  }
  return left;
}

function namesOf(traits: Traits<string>, numbers: ReadonlySet<number>): string[] {
  return Object.entries(traits).flatMap(([name, { number }]) => (numbers.has(number) ? [name] : []));
}
