import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import type { RelayDirection } from "../../src/proxy/relay-ways.js";
import { arbitraryAgreement, arbitraryMessage, described, entries } from "../support/arbitrary-agreement.js";
import { arbitraryDamaged, arbitraryWire, concat, field } from "../support/arbitrary-bytes.js";
import { type Agreement, judge } from "../support/policy-model.js";
import { RelayBench } from "../support/relay-bench.js";

const directions = fc.constantFrom<RelayDirection>("toBack", "toFront");

/** What arrives from one side or the other. */
type Piece = readonly [RelayDirection, Uint8Array];

/** What the proxy at the end of a way would be told to let in, for the client's agent "main" and the server's "helper". */
function atTheEnd(agreement: Agreement, direction: RelayDirection): Agreement {
  return direction === "toBack"
    ? { ...agreement, side: "server", local: "helper", remote: "main" }
    : { ...agreement, side: "client", local: "main", remote: "helper" };
}

/** What has to become of bytes. */
function expected(agreement: Agreement, [direction, bytes]: Piece): string {
  try {
    const peeked = protobufCodec.peek(bytes);
    return "invalid" in peeked ? "invalid" : judge(atTheEnd(agreement, direction), "in", peeked);
  } catch {
    return "unreadable";
  }
}

/** Has a relay get what arrives, and checks all that comes out. Returns how much has crossed, and how much was denied. */
async function check(agreement: Agreement, pieces: readonly Piece[]): Promise<readonly [number, number]> {
  const bench = await RelayBench.start({
    forwardMessages: entries(agreement),
    forwardActivation: agreement.activation,
  });
  let over = false;
  let allowed = 0;
  for (const piece of pieces) {
    const [direction, bytes] = piece;
    const verdict = over ? "over" : expected(agreement, piece);
    const { from, to } = bench.ends(direction);
    const before = { to: to.sent.length, from: from.sent.length, denied: bench.denied.length };
    from.deliver(bytes);
    const got = to.sent.slice(before.to);
    const answers = from.sent.slice(before.from);
    if (verdict === "allow") {
      allowed++;
      expect(got).to.have.length(1);
      expect(got[0], "the bytes as they came").to.equal(bytes);
    } else if (verdict === "announcement") {
      // The relay's own, of the one agent.
      for (const sent of got) {
        const message = protobufCodec.decode(sent);
        expect(message.source).to.equal(atTheEnd(agreement, direction).remote);
        const agents = message.body.case === "agentRegistry" ? message.body.value.agents : undefined;
        expect(agents?.map(({ name }) => name)).to.deep.equal([message.source]);
        expect(got).to.have.length(1);
      }
    } else {
      expect(got).to.deep.equal([]);
    }
    if (!["allow", "announcement", "invalid", "unreadable", "over"].includes(verdict)) {
      expect(bench.denied.slice(before.denied).map(({ rule }) => rule)).to.deep.equal([verdict]);
    }
    // Who requests a task that may not be requested is told so, if that may be told.
    for (const answer of answers) {
      const message = protobufCodec.decode(answer);
      expect([verdict, message.body.case]).to.deep.equal(["case", "taskResponseUrgent"]);
      const back = direction === "toBack" ? "toFront" : "toBack";
      expect(judge(atTheEnd(agreement, back), "in", described(message))).to.equal("allow");
    }
    over ||= from.closedWith !== undefined;
    expect(from.closedWith?.code).to.equal(over ? Code.INVALID_ARGUMENT : undefined);
    if (over) {
      await bench.relay.closed;
      break;
    }
  }
  const { crossedToBack, crossedToFront } = bench.relay.stats;
  expect(crossedToBack + crossedToFront).to.equal(bench.front.sent.length + bench.back.sent.length);
  expect(bench.undelivered).to.deep.equal([]);
  return [allowed, bench.denied.length];
}

/** Sums up what came of all runs: a property that never meets a case says nothing about it. */
function tally() {
  const sum = { crossed: 0, denied: 0 };
  return {
    sum,
    add([crossed, denied]: readonly [number, number]): void {
      sum.crossed += crossed;
      sum.denied += denied;
    },
  };
}

function bytesOf(message: BusMessage): Uint8Array {
  return toBinary(BusMessageSchema, message);
}

describe("whatever arrives on either side of a relay", () => {
  it("of valid messages only those cross that the rules allow, byte by byte", async () => {
    const { sum, add } = tally();
    const piece = fc.tuple(directions, arbitraryMessage.map(bytesOf));
    await fc.assert(
      fc.asyncProperty(
        arbitraryAgreement,
        fc.array(piece, { minLength: 1, maxLength: 12 }),
        async (agreement, pieces) => add(await check(agreement, pieces)),
      ),
      { numRuns: 2_000 },
    );
    expect(sum.crossed).to.be.greaterThan(50);
    expect(sum.denied).to.be.greaterThan(50);
  }).timeout(30_000);

  it("of damaged messages and of any bytes too, and what can't be read ends it", async () => {
    const { sum, add } = tally();
    const nearly = fc
      .tuple(arbitraryMessage, directions, fc.uint8Array({ maxLength: 8 }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([message, direction, patch, place]): Piece => {
        [message.source, message.target] = direction === "toBack" ? ["main", "helper"] : ["helper", "main"];
        const bytes = bytesOf(message);
        const at = Math.floor(place * bytes.length);
        return [direction, concat(bytes.subarray(0, at), patch, bytes.subarray(at + patch.length))];
      });
    const named = fc.tuple(arbitraryDamaged(), directions).map(([bytes, direction]): Piece => {
      const [source, target] = direction === "toBack" ? ["main", "helper"] : ["helper", "main"];
      return [direction, concat(field(1, source as string), field(2, target as string), bytes)];
    });
    const any = fc.tuple(directions, fc.oneof(arbitraryWire(), fc.uint8Array({ maxLength: 40 })));
    await fc.assert(
      fc.asyncProperty(
        arbitraryAgreement,
        fc.array(fc.oneof(nearly, named, any), { minLength: 1, maxLength: 4 }),
        async (agreement, pieces) => add(await check(agreement, pieces)),
      ),
      { numRuns: 5_000 },
    );
    expect(sum.crossed).to.be.greaterThan(20);
    expect(sum.denied).to.be.greaterThan(20);
  }).timeout(30_000);
});
