import { equals, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type BusMessage, BusMessageSchema, TaskStatus } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { deliveredBy } from "../../src/message/provenance.js";
import { toJs } from "../../src/message/value.js";
import { describeMessage, Policy } from "../../src/proxy/policy.js";
import {
  arbitraryAgreement,
  arbitraryMessage,
  described,
  entries,
  pythonTypes,
  schemas,
} from "../support/arbitrary-agreement.js";
import { arbitraryDamaged, arbitraryWire, field } from "../support/arbitrary-bytes.js";
import { concatBytes, toHex } from "../support/bytes.js";
import { idle } from "../support/idle.js";
import { type Agreement, answersDenied, judge, lifecycleKinds, listedCases } from "../support/policy-model.js";
import { ProxyBench } from "../support/proxy-bench.js";

function bench(agreement: Agreement): Promise<ProxyBench> {
  return ProxyBench.start({
    side: agreement.side,
    forwardMessages: entries(agreement),
    forwardActivation: agreement.activation,
  });
}

describe("whatever the message and whatever the policy", () => {
  it("the verdict is that of the rules", () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(arbitraryAgreement, arbitraryMessage, (agreement, message) => {
        const policy = new Policy({
          side: agreement.side,
          localAgentName: agreement.local,
          remoteAgentName: agreement.remote,
          forwardMessages: entries(agreement),
          forwardActivation: agreement.activation,
        });
        const out = judge(agreement, "out", described(message));
        expect(policy.outbound(message)).to.equal(out);
        const inbound = judge(agreement, "in", described(message));
        expect(policy.inbound(describeMessage(message))).to.equal(inbound);
        for (const verdict of [`out ${out}`, `in ${inbound}`]) {
          met.set(verdict, (met.get(verdict) ?? 0) + 1);
        }
      }),
      { numRuns: 6_000 },
    );
    // A property that never meets a verdict says nothing about it.
    for (const verdict of ["allow", "source", "case", "kind", "type", "direction"]) {
      expect(met.get(`out ${verdict}`), `out ${verdict}`).to.be.greaterThan(5);
      expect(met.get(`in ${verdict}`), `in ${verdict}`).to.be.greaterThan(5);
    }
    for (const verdict of ["out ignore", "in announcement", "in target"]) {
      expect(met.get(verdict), verdict).to.be.greaterThan(5);
    }
  }).timeout(30_000);

  it("nothing reaches the wire but what the rules allow, and all of that does", async () => {
    let crossed = 0;
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        arbitraryAgreement,
        fc.array(arbitraryMessage, { minLength: 1, maxLength: 12 }),
        async (agreement, messages) => {
          const { connection, proxy, denied, undelivered, ...rest } = await started(agreement);
          try {
            // "main" is on no registry, so nothing is announced.
            expect(connection.sent).to.deep.equal([]);
            for (const message of messages) {
              rest.place(message);
            }
            await idle();
            const verdicts = messages.map((message) => judge(agreement, "out", described(message)));
            const allowed = messages.filter((_, i) => verdicts[i] === "allow");
            const all = connection.sent.map((bytes) => protobufCodec.decode(bytes));
            for (const message of all) {
              expect(judge(agreement, "out", described(message))).to.equal("allow");
            }
            // Beside what others have sent, the proxy tells of the end of tasks.
            const told = all.filter(isDenial);
            const denials = messages.filter((_, i) => verdicts[i] !== "allow" && verdicts[i] !== "ignore");
            const tasks = denials.filter((message) => answersDenied(agreement, described(message)) === "wire");
            expect(told.map(taskIdOf).sort()).to.deep.equal(tasks.map(taskIdOf).sort());
            // In what order system and data messages come is the bus's business.
            const sent = all.filter((message) => !told.includes(message));
            expect(sent.map(bytesOf).sort()).to.deep.equal(allowed.map(bytesOf).sort());
            expect(denied.map(({ rule }) => rule).sort()).to.deep.equal(
              verdicts.filter((verdict) => verdict !== "allow" && verdict !== "ignore").sort(),
            );
            expect(undelivered).to.deep.equal([]);
            expect(proxy.stats.crossedOut).to.equal(all.length);
            crossed += sent.length;
            answered += told.length;
          } finally {
            await rest.stop();
          }
        },
      ),
      { numRuns: 1_500 },
    );
    expect(crossed).to.be.greaterThan(50);
    expect(answered).to.be.greaterThan(5);
  }).timeout(30_000);

  it("nothing that the link delivered goes back over it", async () => {
    const everything: Agreement = {
      side: "server",
      local: "main",
      remote: "helper",
      cases: listedCases,
      kinds: lifecycleKinds,
      customTypes: schemas.map(({ typeName }) => typeName),
      pythonTypes,
      activation: true,
    };
    await fc.assert(
      fc.asyncProperty(arbitraryMessage, async (message) => {
        const { connection, arrived, ...rest } = await started(everything);
        try {
          message.source = "helper";
          message.target = "main";
          connection.deliver(toBinary(BusMessageSchema, message));
          await idle();
          // There is no "main", which whoever requests a task of it is told.
          const answers = arrived.filter(({ body }) => body.case === "taskRequest").length;
          expect(connection.sent.map((bytes) => protobufCodec.decode(bytes).body.case)).to.deep.equal(
            Array(answers).fill("taskResponseUrgent"),
          );
          for (const came of arrived) {
            expect(deliveredBy(came)).not.to.equal(undefined);
            // What an agent could do at worst: send the object itself on, with the names changed.
            came.source = "main";
            came.target = "helper";
            rest.place(came);
          }
          await idle();
          expect(connection.sent).to.have.length(answers);
        } finally {
          await rest.stop();
        }
      }),
      { numRuns: 300 },
    );
  }).timeout(30_000);
});

describe("whatever arrives", () => {
  /** Delivers bytes to a proxy, and checks what comes of them. */
  async function check(agreement: Agreement, pieces: readonly Uint8Array[]): Promise<readonly BusMessage[]> {
    const rig = await started(agreement);
    const { connection, arrived, registry, proxy } = rig;
    try {
      const mayAnswer = agreement.cases.includes("taskResponseUrgent");
      let isClosed = false;
      let allowed = 0;
      let answers = 0;
      for (const bytes of pieces) {
        const before = arrived.length;
        connection.deliver(bytes);
        await idle();
        const verdict: string = isClosed ? "closed" : expected(agreement, bytes);
        const came = arrived.slice(before);
        if (verdict === "allow") {
          allowed++;
          expect(came).to.have.length(1);
        } else {
          expect(came).to.deep.equal([]);
        }
        for (const message of came) {
          expect(message.source).to.equal(agreement.remote);
          expect(message.target).to.equal(agreement.local);
          expect(judge(agreement, "in", described(message))).to.equal("allow");
          expect(deliveredBy(message)).not.to.equal(undefined);
        }
        // Nothing that arrives makes the proxy talk, unless a task is requested of "main", which isn't there, or which
        // may not be asked.
        answers +=
          verdict === "answered" ? 1 : mayAnswer ? came.filter(({ body }) => body.case === "taskRequest").length : 0;
        expect(connection.sent).to.have.length(answers);
        // Nor is anybody but the remote agent known by it.
        expect(registry.localAgents.map(({ name }) => name)).to.deep.equal(["proxy"]);
        expect(registry.remoteAgents.filter(({ name }) => name !== agreement.remote)).to.deep.equal([]);
        isClosed ||= verdict === "unreadable";
        expect(connection.closedWith?.code).to.equal(isClosed ? Code.INVALID_ARGUMENT : undefined);
      }
      expect(proxy.stats.crossedIn).to.equal(allowed);
      return [...arrived];
    } finally {
      await rig.stop();
      // Among those who would have: the bus, of what it caught.
      expect(rig.logger.takeErrors().filter((error) => !isClosing(error))).to.deep.equal([]);
    }
  }

  /** What has to become of bytes. */
  function expected(agreement: Agreement, bytes: Uint8Array): string {
    try {
      const peeked = protobufCodec.peek(bytes);
      if ("invalid" in peeked) {
        return "invalid";
      }
      const verdict = judge(agreement, "in", peeked);
      const isAnswered =
        verdict === "case" && peeked.case === "taskRequest" && agreement.cases.includes("taskResponseUrgent");
      if (verdict === "allow" || verdict === "announcement" || isAnswered) {
        protobufCodec.decode(bytes);
      }
      return isAnswered ? "answered" : verdict;
    } catch (error) {
      expect(error).to.be.instanceOf(StatusError);
      return "unreadable";
    }
  }

  /** A client proxy that closes its connection because of what it can't read reports why. */
  function isClosing(error: unknown): boolean {
    return error instanceof StatusError && error.code === Code.INVALID_ARGUMENT;
  }

  it("of valid messages only those come on the bus that the rules allow, for the local agent", async () => {
    let crossed = 0;
    const list = fc.array(arbitraryMessage, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(arbitraryAgreement, list, async (agreement, messages) => {
        const came = await check(
          agreement,
          messages.map((message) => toBinary(BusMessageSchema, message)),
        );
        const allowed = messages.filter((message) => judge(agreement, "in", described(message)) === "allow");
        expect(came).to.have.length(allowed.length);
        came.forEach((message, i) => {
          const original = allowed[i] as BusMessage;
          original.target = agreement.local;
          expect(equals(BusMessageSchema, message, original)).to.equal(true);
        });
        crossed += came.length;
      }),
      { numRuns: 1_000 },
    );
    expect(crossed).to.be.greaterThan(50);
  }).timeout(30_000);

  it("of damaged messages too, and what can't be read closes the connection with INVALID_ARGUMENT", async () => {
    let crossed = 0;
    // From the right agent for the right one, or all would be refused for that alone.
    const damaged = fc
      .tuple(arbitraryDamaged(), fc.boolean())
      .map(([bytes, named]) => (named ? concatBytes(field(1, "helper"), field(2, "main"), bytes) : bytes));
    const body = fc.tuple(
      arbitraryMessage,
      fc.uint8Array({ maxLength: 8 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const nearly = body.map(([message, piece, place]) => {
      message.source = "helper";
      message.target = "main";
      const bytes = toBinary(BusMessageSchema, message);
      const at = Math.floor(place * bytes.length);
      return concatBytes(bytes.subarray(0, at), piece, bytes.subarray(at + piece.length));
    });
    await fc.assert(
      fc.asyncProperty(
        arbitraryAgreement,
        fc.array(fc.oneof(damaged, nearly), { minLength: 1, maxLength: 4 }),
        async (agreement, pieces) => {
          crossed += (await check(agreement, pieces)).length;
        },
      ),
      { numRuns: 3_000 },
    );
    expect(crossed).to.be.greaterThan(5);
  }).timeout(30_000);

  it("of any bytes too", async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryAgreement,
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), arbitraryWire()), { minLength: 1, maxLength: 4 }),
        async (agreement, pieces) => void (await check(agreement, pieces)),
      ),
      { numRuns: 2_000 },
    );
  }).timeout(30_000);
});

/** Whether a message is what the proxy itself says of a task that its policy ended. */
function isDenial({ body }: BusMessage): boolean {
  if (body.case !== "taskResponseUrgent" || body.value.status !== TaskStatus.ERROR) {
    return false;
  }
  try {
    return JSON.stringify(toJs(body.value.response)).includes("PERMISSION_DENIED");
  } catch {
    return false;
  }
}

function taskIdOf({ body }: BusMessage): string {
  return (body.value as { readonly taskId: string }).taskId;
}

/** A bench, taken apart: what a test looks at, and what it does. */
async function started(agreement: Agreement) {
  const made = await bench(agreement);
  const { connection, proxy, denied, undelivered, arrived, registry, logger } = made;
  return {
    connection,
    proxy,
    denied,
    undelivered,
    arrived,
    registry,
    logger,
    place: (message: BusMessage) => made.place(message),
    stop: () => made.stop(),
  };
}

function bytesOf(message: BusMessage): string {
  return toHex(toBinary(BusMessageSchema, message));
}
