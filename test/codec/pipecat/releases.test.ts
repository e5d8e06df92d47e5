import { expect } from "chai";
import { describe, it } from "mocha";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { pipecatFrameNames, pipecatSince, pythonClasses } from "../../../gen/crossbus/v1/pipecat-names.js";
import { Code, type StatusError } from "../../../src/base/status.js";
import type { Codec } from "../../../src/codec/codec.js";
import { isOlder } from "../../../src/codec/dialect.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import type { JsonDialect } from "../../../src/codec/pipecat/python-classes.js";
import { readJson } from "../../../src/codec/pipecat/read-json.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { canonical } from "../../support/canonical-json.js";
import { expectThrown } from "../../support/expect-status.js";
import { readFile } from "../../support/files-node.js";

interface Recorded {
  readonly label: string;
  readonly versions: readonly string[];
  readonly wire: string;
}

const encoder = new TextEncoder();

function recorded(file: string): readonly Recorded[] {
  const lines = readFile(file).trimEnd().split("\n");
  return lines.map((line): Recorded => ({ versions: [], ...(JSON.parse(line) as object) }) as unknown as Recorded);
}

/** A codec for a peer of one release, which has sent nothing yet. */
function codecFor(dialect: JsonDialect, pipecatVersion?: string): Codec {
  const codec = jsonCodec({ dialect, pipecatVersion });
  codec.allowTypes?.("any");
  return codec;
}

/** Carries a message from one Python peer to another by way of Protocol Buffers, and gives what the other reads. */
function carry(wire: string, from: Codec, to: Codec): unknown {
  const message = from.decode(encoder.encode(wire));
  if ("invalid" in message) {
    return expect.fail(`${wire}: ${message.invalid}`);
  }
  return canonical(readJson(to.encode(protobufCodec.decode(protobufCodec.encode(message)))).value);
}

const vectors = recorded("test/python/vectors/pipecat.jsonl");
const releases = [...new Set(vectors.flatMap(({ versions }) => versions))];

describe("a peer of a release is sent what that release itself sends", () => {
  for (const release of releases) {
    it(`pipecat-ai ${release}`, () => {
      for (const { label, versions, wire } of vectors) {
        if (versions.includes(release)) {
          const read = carry(wire, codecFor("pipecat"), codecFor("pipecat", release));
          expect(read, label).to.deep.equal(canonical(readJson(encoder.encode(wire)).value));
        }
      }
    });
  }

  it("in pipecat-ai-subagents, with any release of pipecat-ai beside it", () => {
    let refused = 0;
    for (const { label, wire } of recorded("test/python/vectors/pipecat-subagents.jsonl")) {
      const classes = [...wire.matchAll(/"__type__":"([^"]+)"/g)].map(([, name]) => name as string);
      if (classes.some((name) => Object.hasOwn(pipecatSince, name))) {
        const call = () => carry(wire, codecFor("pipecat-subagents"), codecFor("pipecat-subagents", "1.0.0"));
        expectThrown(Code.FAILED_PRECONDITION, call);
        refused += 1;
      } else {
        const read = carry(wire, codecFor("pipecat-subagents"), codecFor("pipecat-subagents", "1.0.0"));
        expect(read, label).to.deep.equal(canonical(readJson(encoder.encode(wire)).value));
      }
    }
    expect(refused).to.be.greaterThan(0);
  });
});

describe("the release that brought a class", () => {
  it("is what the schema says, for every class of it that was recorded", () => {
    const first = new Map<string, string>();
    for (const { versions, wire } of vectors) {
      for (const [, name = ""] of wire.matchAll(/"__type__":"([^"]+)"/g)) {
        for (const version of versions) {
          const before = first.get(name);
          first.set(name, before === undefined || isOlder(version, before) ? version : before);
        }
      }
    }
    const moved = Object.fromEntries(
      Object.values(pythonClasses).map(({ movedTo, movedSince }) => [movedTo ?? "", movedSince ?? ""]),
    );
    let checked = 0;
    for (const [name, since] of Object.entries({ ...pipecatSince, ...moved })) {
      const seen = first.get(name);
      // What is older than the oldest release is in that one.
      if (seen !== undefined) {
        expect(seen, name).to.equal(isOlder(since, "1.3.0") ? "1.3.0" : since);
        checked += 1;
      }
    }
    expect(checked).to.be.greaterThan(35);
  });

  for (const [dialect, release, rule] of [
    ["pipecat", "1.7.0", /^\S+ came with pipecat-ai 1\.9\.0, and the peer runs 1\.7\.0: set peerVersion /],
    [
      "pipecat-subagents",
      "1.0.0",
      /^(?!.* speaks pipecat-ai-subagents may )\S+ came with pipecat-ai 1\.9\.0, and .* older/,
    ],
  ] as const) {
    it(`is named where it is refused, in dialect ${dialect}`, () => {
      const message = busMessage("frame", { frame: frame("eagerTranscription"), direction: 1 }, { source: "a" });
      const error = expectThrown(Code.FAILED_PRECONDITION, () => codecFor(dialect, release).encode(message));
      expect(error.message).to.match(rule);
    });
  }
});

describe("a class that came after the oldest release", () => {
  const kinds = new Map(Object.entries(pipecatFrameNames).map(([kind, className]) => [className as string, kind]));
  for (const [className, since] of Object.entries(pipecatSince).filter(([, since]) => !isOlder(since, "1.4.0"))) {
    it(`is written to a peer that has it, or that has sent it: ${className}`, () => {
      const wire = vectors.find((vector) => vector.wire.includes(`"${className}"`))?.wire;
      if (wire === undefined) {
        // Some are recorded within none.
        expect(kinds.has(className), className).to.equal(false);
        return;
      }
      const before = releases.filter((release) => isOlder(release, since)).at(-1) as string;
      const message = codecFor("pipecat").decode(encoder.encode(wire)) as BusMessage;
      codecFor("pipecat", since).encode(message);
      const old = codecFor("pipecat", before);
      expect(expectThrown(Code.FAILED_PRECONDITION, () => old.encode(message)).message).to.match(
        / came with pipecat-ai /,
      );
      old.decode(encoder.encode(wire));
      old.encode(message);
    });
  }
});

describe("what a peer of one dialect sends to a peer of the other", () => {
  for (const [from, to] of [
    ["pipecat", "pipecat-subagents"],
    ["pipecat-subagents", "pipecat"],
  ] as const) {
    it(`is the same message, or is refused by its name: from ${from} to ${to}`, () => {
      const tally = { same: 0, refused: 0 };
      for (const { label, wire } of recorded(`test/python/vectors/${from}.jsonl`)) {
        const message = codecFor(from).decode(encoder.encode(wire)) as BusMessage;
        let bytes: Uint8Array;
        try {
          bytes = codecFor(to).encode(message);
        } catch (error) {
          expect((error as StatusError).code, label).to.equal(Code.UNIMPLEMENTED);
          tally.refused += 1;
          continue;
        }
        // Bytes, since NaN is in some.
        const back = codecFor(to).decode(bytes) as BusMessage;
        expect(protobufCodec.encode(withoutFlat(back)), label).to.deep.equal(
          protobufCodec.encode(withoutFlat(message)),
        );
        tally.same += 1;
      }
      expect(tally.same).to.be.greaterThan(250);
      expect(tally.refused > 0).to.equal(from === "pipecat");
    });
  }

  /** A message whose tools have neither of the two forms, of which each dialect reads its own. */
  function withoutFlat(message: BusMessage): BusMessage {
    const visit = (part: unknown) => {
      if (typeof part === "object" && part !== null && !(part instanceof Uint8Array)) {
        delete (part as { flat?: unknown }).flat;
        Object.values(part).forEach(visit);
      }
    };
    visit(message);
    return message;
  }
});

describe("the form of a conversation's tools", () => {
  const inForm = (tools: string) =>
    `{"__type__":"pipecat.bus.messages.BusFrameMessage","__data__":{"source":"a","frame":{"__type__":"pipecat.frames.frames.LLMContextFrame","__data__":{"context":{"__type__":"pipecat.processors.aggregators.llm_context.LLMContext","__data__":{"messages":[],"tools":${tools}}}}},"direction":{"__type__":"pipecat.processors.frame_processor.FrameDirection","__data__":"UPSTREAM"}}}`;
  const flat = inForm('[{"name":"f"}]');
  const object = inForm('{"standard_tools":[{"name":"f"}]}');

  /** What a codec makes of the tools of a message. */
  function written(codec: Codec, wire: string): string {
    const message = codecFor("pipecat").decode(encoder.encode(wire)) as BusMessage;
    return new TextDecoder().decode(codec.encode(message)).replaceAll("pipecat_subagents.", "pipecat.");
  }

  it("is the one that was asked for, then the peer's own, then its release's, then that of the message", () => {
    for (const [wire, other] of [
      [flat, object],
      [object, flat],
    ] as const) {
      const tools = wire === flat ? "flat" : "object";
      const release = wire === flat ? "1.5.0" : "1.6.0";
      const otherRelease = wire === flat ? "1.6.0" : "1.5.0";
      expect(written(codecFor("pipecat"), wire)).to.equal(wire);
      expect(written(codecFor("pipecat", release), other)).to.equal(wire);
      const learner = codecFor("pipecat", otherRelease);
      learner.decode(encoder.encode(wire));
      expect(written(learner, other)).to.equal(wire);
      const asked = jsonCodec({ dialect: "pipecat", pipecatVersion: otherRelease, tools });
      asked.decode(encoder.encode(other));
      expect(written(asked, other)).to.equal(wire);
    }
  });

  it("is flat for pipecat-ai-subagents, whatever the release of pipecat-ai", () => {
    for (const release of [undefined, "1.0.0", "1.14.0"]) {
      expect(written(codecFor("pipecat-subagents", release), object)).to.equal(flat);
    }
  });

  for (const release of releases) {
    it(`is known of pipecat-ai ${release} ${isOlder(release, "1.8.0") ? "by its version" : "by whatever it sends"}`, () => {
      const others = vectors.filter(({ wire, versions }) => versions.includes(release) && !wire.includes('"tools":'));
      expect(others.length).to.be.greaterThan(250);
      for (const { label, wire: sent } of others) {
        const codec = codecFor("pipecat", "1.3.0");
        codec.decode(encoder.encode(sent));
        expect(written(codec, flat), label).to.equal(isOlder(release, "1.8.0") ? flat : object);
      }
    });
  }

  it("isn't learnt from a message that is only looked at", () => {
    const codec = codecFor("pipecat", "1.3.0");
    codec.peek(encoder.encode(object));
    expect(written(codec, object)).to.equal(flat);
  });
});

describe("what other serializers wrote", () => {
  for (const [file, dialect] of [
    ["golden/pipecat-v170.jsonl", "pipecat"],
    ["golden/subagents-0.4.jsonl", "pipecat-subagents"],
  ] as const) {
    for (const { label, wire } of recorded(`test/codec/pipecat/${file}`)) {
      it(`comes back from Protocol Buffers as it was: ${file}: ${label}`, () => {
        const read = carry(wire, codecFor(dialect), codecFor(dialect));
        expect(read).to.deep.equal(canonical(readJson(encoder.encode(wire)).value));
      });
    }
  }
});
