import { expect } from "chai";
import fc from "fast-check";
import { before, describe, it } from "mocha";
import type { BusMessage, OtherMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { pipecatBodyNames, pipecatFrameNames } from "../../../gen/crossbus/v1/pipecat-names.js";
import type { Struct } from "../../../gen/crossbus/v1/value_pb.js";
import { StatusError } from "../../../src/base/status.js";
import type { Peeked } from "../../../src/codec/codec.js";
import { type Json, JsonObject } from "../../../src/codec/pipecat/json.js";
import { readJson } from "../../../src/codec/pipecat/read-json.js";
import { writeJson } from "../../../src/codec/pipecat/write-json.js";
import { toStruct, type ValueInit } from "../../../src/message/value.js";
import { describeMessage } from "../../../src/proxy/policy.js";
import { arbitraryBusMessage, arbitraryBusMessageOf } from "../../support/arbitrary-message.js";
import { arbitraryWire, hostileKeys, recordedWires } from "../../support/arbitrary-wire.js";
import { toBase64 } from "../../support/bytes.js";
import { codecFor, judgeJson, unlessUnreadable } from "../../support/judge-json.js";
import { describeMessages, lacksPipecat } from "../../support/python-node.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

for (const dialect of ["pipecat", "pipecat-subagents"] as const) {
  describe(`whatever a peer of dialect ${dialect} sends`, () => {
    it("is unreadable, invalid or a message that can be sent on, however it is put together", function () {
      this.timeout(60_000);
      const tally = { unreadable: 0, invalid: 0, message: 0 };
      fc.assert(
        fc.property(arbitraryWire(dialect), (wire) => {
          tally[judgeJson(dialect, encoder.encode(wire))] += 1;
        }),
        { numRuns: 4_000 },
      );
      expect(tally.message).to.be.greaterThan(100);
      expect(tally.invalid).to.be.greaterThan(100);
    });

    it("is so whichever of its members is null", function () {
      this.timeout(60_000);
      const tally = { unreadable: 0, invalid: 0, message: 0 };
      // Neighbours are of the same class, as a rule.
      for (const wire of recordedWires(dialect).filter((_, i) => i % 4 === 0)) {
        const whole = readJson(encoder.encode(wire)).value;
        for (const changed of withNulls(whole)) {
          tally[judgeJson(dialect, encoder.encode(writeJson(changed)))] += 1;
        }
      }
      expect(tally.unreadable).to.equal(0);
      expect(tally.invalid).to.be.greaterThan(200);
      expect(tally.message).to.be.greaterThan(200);
    });

    it("is so whichever byte it ends at", function () {
      this.timeout(60_000);
      for (const wire of shortest(recordedWires(dialect), 6)) {
        const bytes = encoder.encode(wire);
        expect(judgeJson(dialect, bytes)).to.equal("message");
        for (let end = 0; end < bytes.length; end++) {
          expect(judgeJson(dialect, bytes.subarray(0, end)), `the first ${end} bytes`).to.equal("unreadable");
        }
      }
    });

    it("is so whichever bytes are changed", function () {
      this.timeout(60_000);
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(fc.constantFrom(...recordedWires(dialect)), changes, (wire, list) => {
          const bytes = encoder.encode(wire);
          for (const [at, value] of list) {
            bytes[at % bytes.length] = value;
          }
          judgeJson(dialect, bytes);
        }),
        { numRuns: 3_000 },
      );
    });
  });
}

describe("what Python's serializer of pipecat-ai makes of a message", () => {
  before(function () {
    if (lacksPipecat() !== null) {
      this.skip();
    }
  });

  /** What a Python receiver goes by; null for what it makes nothing of. */
  interface PythonReading {
    readonly className: string;
    readonly source: string | null;
    readonly target: string | null;
    readonly frame: string | null;
  }

  function readByPython(wires: readonly Uint8Array[]): readonly (PythonReading | null)[] {
    return describeMessages(wires.map(toBase64)) as readonly (PythonReading | null)[];
  }

  /** Expects Python to read what a policy went by, wherever it reads a message at all. Tells how often it does. */
  function compare(wires: readonly Uint8Array[], peeked: readonly Peeked[]): number {
    let count = 0;
    for (const [i, reading] of readByPython(wires).entries()) {
      const { source, target, case: bodyCase, kind, typeName } = peeked[i] as Peeked;
      if (reading === null) {
        continue;
      }
      count += 1;
      const wire = decoder.decode(wires[i]);
      expect(reading.source, wire).to.equal(source);
      expect(reading.target ?? undefined, wire).to.equal(target);
      const className = bodyCase === "other" ? typeName : (pipecatBodyNames as Record<string, string>)[bodyCase];
      expect(reading.className, wire).to.equal(className);
      if (bodyCase === "frame" && kind !== undefined) {
        const frame = kind === "other" ? typeName : (pipecatFrameNames as Record<string, string>)[kind];
        expect(reading.frame, wire).to.equal(frame);
      }
    }
    return count;
  }

  it("is what a policy here goes by, of whatever comes in", function () {
    this.timeout(120_000);
    const wires: Uint8Array[] = [];
    const peeked: Peeked[] = [];
    for (const wire of fc.sample(arbitraryWire("pipecat"), 6_000)) {
      const codec = codecFor("pipecat");
      const bytes = encoder.encode(wire);
      const seen = unlessUnreadable(() => codec.peek(bytes));
      const message = unlessUnreadable(() => codec.decode(bytes));
      if (seen !== undefined && message !== undefined && !("invalid" in seen) && !("invalid" in message)) {
        wires.push(bytes);
        peeked.push(seen);
      }
    }
    expect(compare(wires, peeked)).to.be.greaterThan(200);
  });

  it("is what a policy here goes by, of whatever goes out", function () {
    this.timeout(120_000);
    const wires: Uint8Array[] = [];
    const peeked: Peeked[] = [];
    const fields = fc.array(
      fc.tuple(fc.constantFrom(...hostileKeys), fc.constantFrom<ValueInit>("x", 1, null, {}, [])),
      {
        maxLength: 2,
      },
    );
    for (const [message, list] of fc.sample(fc.tuple(arbitraryOutgoing, fields), 6_000)) {
      const codec = codecFor("pipecat");
      spread(message, toStruct(Object.fromEntries(list)));
      try {
        wires.push(codec.encode(message));
        peeked.push(describeMessage(message));
      } catch (error) {
        expect(error).to.be.instanceOf(StatusError);
      }
    }
    expect(compare(wires, peeked)).to.be.greaterThan(200);
  });
});

/** Messages most of which have what Python can't do without. */
const arbitraryOutgoing = fc.oneof(
  arbitraryBusMessage(),
  fc.tuple(arbitraryBusMessageOf("frame"), fc.constantFrom(1, 2)).map(([message, direction]) => {
    if (message.body.case === "frame") {
      message.body.value.direction = direction;
    }
    return message;
  }),
);

/** Puts fields wherever there is room for some that the schema doesn't know. */
function spread(message: BusMessage, fields: Struct): void {
  const { body } = message;
  const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
  for (const { case: name, value } of [body, kind ?? {}]) {
    if (name === "other") {
      Object.assign(value as OtherMessage, { fields, typeName: "pipecat.frames.frames.SpriteFrame" });
    }
  }
  message.extra = body.case === "other" ? undefined : fields;
  if (body.case === "frame" && body.value.frame !== undefined) {
    body.value.frame.extra = kind?.case === "other" ? undefined : fields;
  }
}

/** A value with each of its members replaced by null, one at a time. */
function* withNulls(json: Json): Generator<Json> {
  if (json instanceof JsonObject) {
    for (const [i, [key, value]] of json.entries.entries()) {
      for (const other of [null, ...withNulls(value)]) {
        yield new JsonObject(json.entries.map((entry, at) => (at === i ? [key, other] : entry)));
      }
    }
  }
}

function shortest(wires: readonly string[], count: number): readonly string[] {
  return [...wires].sort((a, b) => a.length - b.length).slice(0, count);
}
