import fc from "fast-check";
import { field, varint } from "../../support/arbitrary-bytes.js";
import { mutateFields } from "../grammar.js";
import type { RandomSource } from "../random-source.js";

/**
 * What an input for a link says, step by step: what the peer sends, what the time does, and what else happens. Each step
 * is a byte that says which, then what it takes: bytes with their length before them in two bytes, or a number in two
 * bytes. So whatever the bytes are, they are a script.
 */
export type Step =
  /** The peer sends a frame, made of these bytes. */
  | { readonly do: "frame"; readonly bytes: Uint8Array }
  /** The peer sends a control frame with this body. */
  | { readonly do: "control"; readonly bytes: Uint8Array }
  /** The peer sends a message, in its turn, in the lane and in fragments as the first byte says. */
  | { readonly do: "message"; readonly bytes: Uint8Array }
  /** The peer sends what a handshake begins with: a good one, or one that is wrong in a way that the number says. */
  | { readonly do: "greet"; readonly number: number }
  /** The peer acknowledges all that it has got. */
  | { readonly do: "ack"; readonly number: number }
  /** Time goes by, in milliseconds. */
  | { readonly do: "wait"; readonly number: number }
  /** The connection is lost, or closed by the peer with this close code, or the peer makes a second one. */
  | { readonly do: "drop"; readonly number: number }
  | { readonly do: "close"; readonly number: number }
  | { readonly do: "connect"; readonly number: number }
  /** Our end sends a message of this size, stops or goes on taking, or closes the link. */
  | { readonly do: "say"; readonly number: number }
  | { readonly do: "congest"; readonly number: number }
  | { readonly do: "leave"; readonly number: number };

const withBytes = ["frame", "control", "message"] as const;
const withNumber = ["greet", "ack", "wait", "drop", "close", "connect", "say", "congest", "leave"] as const;
const all: readonly Step["do"][] = [...withBytes, ...withNumber];

/** More steps than this would only take longer. */
const maxSteps = 40;

/** Reads a script. */
export function readScript(input: Uint8Array): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < input.length && steps.length < maxSteps; ) {
    const name = all[(input[at] as number) % all.length] as Step["do"];
    const number = ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0);
    at += 3;
    if (name === "frame" || name === "control" || name === "message") {
      steps.push({ do: name, bytes: input.slice(at, at + number) });
      at += number;
    } else {
      steps.push({ do: name, number });
    }
  }
  return steps;
}

/** Writes a script. */
export function writeScript(steps: readonly Step[]): Uint8Array {
  return Uint8Array.from(
    steps.flatMap((step) => {
      const number = "bytes" in step ? Math.min(step.bytes.length, 0xffff) : step.number;
      const bytes = "bytes" in step ? step.bytes.subarray(0, number) : [];
      return [all.indexOf(step.do), number >> 8, number & 0xff, ...bytes];
    }),
  );
}

/** Changes a script step by step: steps come twice, elsewhere or not at all, and the messages in them are changed. */
export function mutateScript(input: Uint8Array, random: RandomSource): Uint8Array {
  const steps = [...readScript(input)];
  if (steps.length === 0) {
    return input;
  }
  const at = random.below(steps.length);
  const step = steps[at] as Step;
  const to = random.below(steps.length + 1);
  switch (random.below(5)) {
    case 0:
      steps.splice(to, 0, step);
      break;
    case 1:
      steps.splice(at, 1);
      break;
    case 2:
      steps.splice(to, 0, ...steps.splice(at, 1));
      break;
    case 3:
      steps.splice(to, 0, { do: random.pick(withNumber), number: random.below(random.chance(0.5) ? 24 : 2_000) });
      break;
    default:
      steps[at] = "bytes" in step ? mutateStep(step, random) : { ...step, number: random.below(2_000) };
  }
  return writeScript(steps.slice(0, maxSteps));
}

/** A message stands behind a byte that says how it is sent. */
function mutateStep(step: Extract<Step, { readonly bytes: Uint8Array }>, random: RandomSource): Step {
  const from = step.do === "message" ? 1 : 0;
  return {
    ...step,
    bytes: concatenated(step.bytes.subarray(0, from), mutateFields(step.bytes.subarray(from), random)),
  };
}

const smallNumber = fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 300 }), fc.nat({ max: 0xffff }));

/** A control frame's body, whatever it says: fields of the kinds that there are, mostly of the types that they have. */
const controlBody: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.array(controlField(), { maxLength: 6 }))
  .map(([kind, fields]) => field(kind, ...fields));

function controlField(): fc.Arbitrary<Uint8Array> {
  const number = fc.integer({ min: 1, max: 12 });
  const counts = fc.oneof(
    fc.constantFrom(0n, 1n, 2n, 3n, 14n, 127n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n),
    fc.bigInt({ min: 0n, max: 5_000n }),
  );
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(number, counts).map(([no, value]) => concatenated(varint(no * 8), varint(value))),
    },
    { weight: 2, arbitrary: fc.tuple(number, fc.uint8Array({ maxLength: 40 })).map(([no, bytes]) => field(no, bytes)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(number, fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), counts), { maxLength: 4 }))
        .map(([no, lane]) =>
          field(no, ...lane.map(([inner, value]) => concatenated(varint(inner * 8), varint(value)))),
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(number, fc.uint8Array({ minLength: 8, maxLength: 8 }))
        .map(([no, bytes]) => concatenated(varint(no * 8 + 1), bytes)),
    },
  );
}

/** A frame, by its first byte and numbers that could stand behind it. */
const anyFrame: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0xff),
    fc.array(fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 20_000 }), fc.maxSafeNat()), { maxLength: 7 }),
    fc.uint8Array({ maxLength: 20 }),
  )
  .map(([type, numbers, bytes]) =>
    concatenated(Uint8Array.of(type), ...numbers.map((number) => varint(number)), bytes),
  );

function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Scripts with messages of a kind. Most begin with a handshake. */
export function arbitraryScript(messages: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const flagged = fc
    .tuple(fc.nat({ max: 255 }), messages)
    .map(([flags, message]) => concatenated(Uint8Array.of(flags), message));
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: flagged.map((bytes): Step => ({ do: "message", bytes })) },
    { weight: 3, arbitrary: controlBody.map((bytes): Step => ({ do: "control", bytes })) },
    { weight: 2, arbitrary: anyFrame.map((bytes): Step => ({ do: "frame", bytes })) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...withNumber), smallNumber)
        .map(([name, number]): Step => ({ do: name, number })),
    },
  );
  return fc
    .tuple(fc.boolean(), fc.array(step, { maxLength: 10 }))
    .map(([greets, steps]) => writeScript(greets ? [{ do: "greet", number: 0 }, ...steps] : steps));
}
