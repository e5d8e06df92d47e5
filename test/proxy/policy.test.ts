import { create } from "@bufbuild/protobuf";
import { AnySchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { busMessage, type Envelope, frame } from "../../src/message/build.js";
import { bodyTraits, frameTraits } from "../../src/message/case-traits.js";
import { customMessage } from "../../src/message/custom.js";
import { type ForwardEntry, frameKind, TASKS } from "../../src/message/forward.js";
import { PIPECAT_FRAMES, pythonType } from "../../src/message/python-type.js";
import type { BodyCase, FrameKind } from "../../src/message/types.js";
import { describeMessage, Policy, type PolicyOptions, type Verdict } from "../../src/proxy/policy.js";
import { ProxyClientAgent } from "../../src/proxy/proxy-client-agent.js";
import { ProxyServerAgent } from "../../src/proxy/proxy-server-agent.js";
import { Session } from "../../src/proxy/session.js";
import type { Transport } from "../../src/transport/transport.js";
import { OrderSchema, UrgentOrderSchema } from "../message/gen/acme/v1/order_pb.js";
import { expectThrown } from "../support/expect-status.js";
import {
  activationCases,
  announcementCases,
  lifecycleKinds,
  listedCases,
  unlistedCases,
  untargetedCases,
} from "../support/policy-model.js";
import { ScriptedConnection } from "../support/scripted-connection.js";

const sides = ["client", "server"] as const;
const allCases = [...listedCases, ...unlistedCases];
const allKinds = Object.keys(frameTraits) as FrameKind[];
const pythonClass = "shop.frames.ShelfFrame";

/** The policy of a proxy between the local agent "main" and the remote agent "helper". */
function policy(forwardMessages: readonly ForwardEntry[], options: Partial<PolicyOptions> = {}): Policy {
  return new Policy({
    side: "client",
    localAgentName: "main",
    remoteAgentName: "helper",
    forwardActivation: true,
    forwardMessages,
    ...options,
  });
}

/** A message of a case, with as little content as it takes. */
function message(name: BodyCase, envelope: Envelope = {}): BusMessage {
  switch (name) {
    case "frame":
      return frameMessage("text", envelope);
    case "custom":
      return customMessage(OrderSchema, {}, envelope);
    case "other":
      return busMessage("other", { typeName: pythonClass }, envelope);
    default:
      return busMessage(name, {}, envelope);
  }
}

function frameMessage(kind: FrameKind, envelope: Envelope = {}): BusMessage {
  const content = kind === "other" ? frame("other", { typeName: pythonClass }) : frame(kind);
  return busMessage("frame", { frame: content }, envelope);
}

/** What a policy says of a message from `source` to `target`, as it crosses in either direction. */
const ways = {
  out(judge: Policy, make: (envelope: Envelope) => BusMessage): Verdict {
    return judge.outbound(make({ source: "main", target: "helper" }));
  },
  in(judge: Policy, make: (envelope: Envelope) => BusMessage): Verdict {
    return inbound(judge, make({ source: "helper", target: "main" }));
  },
};

/** Judges the bytes of a message, as a link does. */
function inbound(judge: Policy, from: BusMessage): Verdict {
  const peeked = protobufCodec.peek(protobufCodec.encode(from));
  expect(peeked).to.deep.equal(describeMessage(from));
  return judge.inbound(describeMessage(from));
}

/** Lists everything that can be listed. */
const everything: readonly ForwardEntry[] = [
  ...listedCases,
  ...allKinds.filter((kind) => kind !== "other").map(frameKind),
  pythonType(pythonClass),
  OrderSchema,
];

describe("the policy", () => {
  it("is tested with all the cases there are", () => {
    expect([...allCases].sort()).to.deep.equal(Object.keys(bodyTraits).sort());
  });

  for (const side of sides) {
    describe(`of a ${side} proxy`, () => {
      for (const direction of ["out", "in"] as const) {
        const judge = ways[direction];

        describe(direction === "out" ? "outbound" : "inbound", () => {
          for (const name of listedCases) {
            const refusal = name === "frame" ? "kind" : "case";

            it(`lets ${name} across when it is listed`, () => {
              expect(judge(policy([name], { side }), (envelope) => message(name, envelope))).to.equal("allow");
            });

            it(`refuses ${name} when it isn't listed, by the rule "${refusal}"`, () => {
              const others = listedCases.filter((other) => other !== name);
              expect(judge(policy(others, { side }), (envelope) => message(name, envelope))).to.equal(refusal);
            });
          }

          for (const name of ["end", "cancel"] as const) {
            it(`never lets ${name} across, whatever is listed`, () => {
              expect(judge(policy(everything, { side }), (envelope) => message(name, envelope))).to.equal("case");
            });
          }

          for (const name of activationCases) {
            const passes = (side === "client") === (direction === "out");

            it(`${passes ? "lets" : "refuses"} ${name}${passes ? " across" : ", which crosses the other way"}`, () => {
              const verdict = judge(policy([], { side }), (envelope) => message(name, envelope));
              expect(verdict).to.equal(passes ? "allow" : "direction");
            });

            it(`refuses ${name} when activation is switched off`, () => {
              const off = policy(everything, { side, forwardActivation: false });
              expect(judge(off, (envelope) => message(name, envelope))).to.equal("case");
            });
          }

          for (const kind of allKinds) {
            const isOrdinary = kind !== "other" && !lifecycleKinds.some((lifecycle) => lifecycle === kind);
            if (isOrdinary) {
              it(`lets frames of kind ${kind} across with "frame"`, () => {
                expect(judge(policy(["frame"], { side }), (envelope) => frameMessage(kind, envelope))).to.equal(
                  "allow",
                );
              });
            } else if (kind !== "other") {
              it(`refuses frames of kind ${kind} with "frame", since they start or end things`, () => {
                expect(judge(policy(["frame"], { side }), (envelope) => frameMessage(kind, envelope))).to.equal("kind");
              });
            }
            if (kind !== "other") {
              it(`lets frames of kind ${kind} across with frameKind("${kind}"), and no other kind`, () => {
                const one = policy([frameKind(kind)], { side });
                expect(judge(one, (envelope) => frameMessage(kind, envelope))).to.equal("allow");
                for (const other of allKinds) {
                  if (other !== kind) {
                    const refusal = other === "other" ? "type" : "kind";
                    expect(
                      judge(one, (envelope) => frameMessage(other, envelope)),
                      other,
                    ).to.equal(refusal);
                  }
                }
              });
            }
          }

          it('lets lifecycle kinds across that are listed beside "frame"', () => {
            const both = policy(["frame", frameKind("end")], { side });
            expect(judge(both, (envelope) => frameMessage("end", envelope))).to.equal("allow");
            expect(judge(both, (envelope) => frameMessage("cancel", envelope))).to.equal("kind");
          });

          it("lets frames of a Python class across that is listed, and of no other", () => {
            const listed = policy([pythonType(pythonClass)], { side });
            expect(judge(listed, (envelope) => frameMessage("other", envelope))).to.equal("allow");
            const unlisted = policy(["frame", pythonType("shop.frames.CartFrame")], { side });
            expect(judge(unlisted, (envelope) => frameMessage("other", envelope))).to.equal("type");
            expect(judge(listed, (envelope) => frameMessage("text", envelope))).to.equal("kind");
          });

          it("lets messages of a Python class across that is listed, and of no other", () => {
            const listed = policy([pythonType(pythonClass)], { side });
            expect(judge(listed, (envelope) => message("other", envelope))).to.equal("allow");
            const unlisted = policy([...listedCases, pythonType("shop.frames.CartFrame")], { side });
            expect(judge(unlisted, (envelope) => message("other", envelope))).to.equal("type");
          });

          it("lets a user's message across whose schema is listed, and no other", () => {
            const listed = policy([OrderSchema], { side });
            expect(judge(listed, (envelope) => message("custom", envelope))).to.equal("allow");
            const urgent = (envelope: Envelope) => customMessage(UrgentOrderSchema, {}, envelope);
            expect(judge(listed, urgent)).to.equal("type");
            expect(
              judge(policy([...listedCases, UrgentOrderSchema], { side }), (envelope) => message("custom", envelope)),
            ).to.equal("type");
          });

          it("doesn't take a Python class for a user's type of the same name, or the reverse", () => {
            const python = policy([pythonType("acme.v1.Order")], { side });
            expect(judge(python, (envelope) => message("custom", envelope))).to.equal("type");
            const custom = policy([OrderSchema], { side });
            const asPython = (envelope: Envelope) => busMessage("other", { typeName: "acme.v1.Order" }, envelope);
            expect(judge(custom, asPython)).to.equal("type");
          });
        });
      }

      describe("outbound", () => {
        for (const name of allCases) {
          const untargeted = untargetedCases.includes(name);

          it(`${untargeted ? "takes" : "leaves"} ${name} from the local agent for all`, () => {
            const verdict = policy(everything, { side }).outbound(message(name, { source: "main" }));
            expect(verdict).to.equal(untargeted ? "allow" : "ignore");
          });

          it(`leaves ${name} from another agent for all`, () => {
            expect(policy(everything, { side }).outbound(message(name, { source: "third" }))).to.equal("ignore");
          });

          for (const target of ["main", "third", "Helper", "helper2", ""]) {
            it(`leaves ${name} for ${JSON.stringify(target)} alone`, () => {
              const other = message(name, { source: "main" });
              other.target = target;
              expect(policy(everything, { side }).outbound(other)).to.equal("ignore");
            });
          }

          for (const source of ["third", "helper", "Main", "main2", ""]) {
            it(`refuses ${name} for the remote agent from ${JSON.stringify(source)}`, () => {
              const other = message(name, { target: "helper" });
              other.source = source;
              expect(policy(everything, { side }).outbound(other)).to.equal("source");
            });
          }
        }

        for (const name of announcementCases) {
          it(`refuses ${name} for the remote agent: the proxy announces by itself`, () => {
            const sent = message(name, { source: "main", target: "helper" });
            expect(policy(everything, { side }).outbound(sent)).to.equal("case");
          });
        }

        it("leaves a message without a body alone", () => {
          const empty = create(BusMessageSchema, { source: "main", target: "helper" });
          expect(policy(everything, { side }).outbound(empty)).to.equal("ignore");
        });

        it("refuses a frame without a kind, and custom and other without a type", () => {
          const envelope = { source: "main", target: "helper" };
          const all = policy(everything, { side });
          expect(all.outbound(busMessage("frame", {}, envelope))).to.equal("kind");
          expect(all.outbound(busMessage("custom", {}, envelope))).to.equal("type");
          expect(all.outbound(busMessage("other", {}, envelope))).to.equal("type");
          const nameless = create(AnySchema, { typeUrl: "type.googleapis.com/" });
          expect(all.outbound(busMessage("custom", { message: nameless }, envelope))).to.equal("type");
        });

        it("refuses a user's type under another host, or with a path before its name", () => {
          for (const typeUrl of ["example.com/acme.v1.Order", "type.googleapis.com/x/acme.v1.Order", "acme.v1.Order"]) {
            const disguised = message("custom", { source: "main", target: "helper" });
            if (disguised.body.case === "custom" && disguised.body.value.message !== undefined) {
              disguised.body.value.message.typeUrl = typeUrl;
            }
            expect(policy([OrderSchema], { side }).outbound(disguised), typeUrl).to.equal("type");
          }
        });
      });

      describe("inbound", () => {
        for (const name of allCases) {
          if (announcementCases.includes(name)) {
            it(`keeps ${name} for the proxy, whatever its source and target`, () => {
              for (const source of ["helper", "main", "third"]) {
                for (const target of [undefined, "main", "third"]) {
                  expect(inbound(policy([], { side }), message(name, { source, target }))).to.equal("announcement");
                }
              }
            });
            continue;
          }
          const untargeted = untargetedCases.includes(name);
          const all = policy(everything, { side });

          it(`${untargeted ? "takes" : "refuses"} ${name} for all`, () => {
            const verdict = inbound(all, message(name, { source: "helper" }));
            expect(verdict).to.equal(untargeted ? "allow" : "target");
          });

          for (const target of ["third", "helper", "Main", "main2", ""]) {
            it(`refuses ${name} for ${JSON.stringify(target)}`, () => {
              const other = message(name, { source: "helper" });
              other.target = target;
              expect(inbound(all, other)).to.equal("target");
            });
          }

          for (const source of ["main", "third", "Helper", "helper2", ""]) {
            it(`refuses ${name} from ${JSON.stringify(source)}`, () => {
              const forLocal = message(name, { target: "main" });
              forLocal.source = source;
              const forAll = message(name);
              forAll.source = source;
              expect([inbound(all, forLocal), inbound(all, forAll)]).to.deep.equal(["source", "source"]);
            });
          }
        }
      });
    });
  }

  it("lets everything about tasks across with TASKS, and nothing else", () => {
    for (const name of allCases) {
      const verdict = ways.out(policy(TASKS), (envelope) => message(name, envelope));
      expect(verdict === "allow", name).to.equal(name.startsWith("task") || activationCases.includes(name));
    }
  });

  it("lets ordinary frames and Pipecat's further classes across with PIPECAT_FRAMES", () => {
    const pipecat = policy(PIPECAT_FRAMES);
    expect(ways.in(pipecat, (envelope) => frameMessage("llmText", envelope))).to.equal("allow");
    expect(ways.in(pipecat, (envelope) => frameMessage("end", envelope))).to.equal("kind");
    const typeName = "pipecat.frames.frames.SpeechControlParamsFrame";
    const other = (envelope: Envelope) => busMessage("frame", { frame: frame("other", { typeName }) }, envelope);
    expect(ways.in(pipecat, other)).to.equal("allow");
  });

  it("allows nothing but activation by default", () => {
    for (const name of allCases) {
      const verdict = ways.out(policy([]), (envelope) => message(name, envelope));
      expect(verdict === "allow", name).to.equal(activationCases.includes(name));
    }
  });

  it("knows the schemas of the user's messages by their names", () => {
    expect([...policy(["frame", OrderSchema, UrgentOrderSchema]).customTypes]).to.deep.equal([
      ["acme.v1.Order", OrderSchema],
      ["acme.v1.UrgentOrder", UrgentOrderSchema],
    ]);
  });

  it("doesn't change when the list does that it was made of", () => {
    const list: ForwardEntry[] = ["taskRequest"];
    const made = policy(list);
    list.push("taskCancel");
    expect(ways.out(made, (envelope) => message("taskCancel", envelope))).to.equal("case");
  });

  it("isn't misled by a case or a type that is named like what every object has", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      const described = { source: "helper", target: "main", kind: undefined, typeName: undefined };
      expect(policy(everything).inbound({ ...described, case: name as BodyCase }), name).to.equal("case");
      const asFrame = { ...described, case: "frame" as const, kind: name as FrameKind };
      expect(policy(everything).inbound(asFrame), name).to.equal("kind");
      expect(policy(everything).inbound({ ...described, case: "custom", typeName: name }), name).to.equal("type");
    }
  });
});

/** Makes each of the proxies with these options. */
const makers: readonly [string, string, (options: Record<string, unknown>) => unknown][] = [
  [
    "ProxyClientAgent",
    "localAgentName",
    (options) =>
      new ProxyClientAgent("proxy", {
        transport: { connect: async () => new ScriptedConnection() },
        localAgentName: "main",
        remoteAgentName: "helper",
        ...options,
      }),
  ],
  [
    "ProxyServerAgent",
    "agentName",
    (options) =>
      new ProxyServerAgent("proxy", {
        session: new Session(new PlainLink(new ScriptedConnection(), protobufCodec, { announces: false })),
        agentName: "main",
        remoteAgentName: "helper",
        ...options,
      }),
  ],
];

describe("a proxy without what it bridges to", () => {
  const names = { remoteAgentName: "helper" };

  it("is refused at construction", () => {
    for (const [option, make] of [
      [
        "transport",
        (value: unknown) =>
          new ProxyClientAgent("proxy", { ...names, localAgentName: "main", transport: value as Transport }),
      ],
      [
        "session",
        (value: unknown) => new ProxyServerAgent("proxy", { ...names, agentName: "main", session: value as Session }),
      ],
    ] as const) {
      for (const value of [undefined, null, {}, "ws://127.0.0.1"]) {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => make(value));
        expect(error.details).to.deep.equal([{ type: "badRequest", field: option }]);
      }
    }
  });
});

for (const [className, localOption, make] of makers) {
  describe(`${className} refuses at construction`, () => {
    const badNames: readonly [string, unknown, string][] = [
      ["an empty name", "", '""'],
      ["a name of more than 256 bytes", "é".repeat(129), "é"],
      ["a name with a control character", "a\nb", "a\\nb"],
      ["a name with an escape sequence", "a\u001b[2Jb", "\\u001b"],
      ["a name with a lone surrogate", "a\ud800", "a"],
      ["a name that is no string", 5, "5"],
      ["no name", undefined, "undefined"],
      ["null for a name", null, "null"],
    ];
    for (const option of [localOption, "remoteAgentName"]) {
      for (const [what, value, shown] of badNames) {
        it(`${what} as ${option}`, () => {
          const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ [option]: value }));
          expect(error.details).to.deep.equal([{ type: "badRequest", field: option }]);
          expect(error.message).to.include(option).and.to.include(shown);
        });
      }
    }

    it("the same name for both agents", () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ [localOption]: "same", remoteAgentName: "same" }));
      expect(error.details).to.deep.equal([{ type: "badRequest", field: "remoteAgentName" }]);
      expect(error.message).to.include(localOption).and.to.include('"same"');
    });

    for (const option of [localOption, "remoteAgentName"]) {
      it(`its own name as ${option}`, () => {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ [option]: "proxy" }));
        expect(error.details).to.deep.equal([{ type: "badRequest", field: "name" }]);
        expect(error.message).to.include('"proxy"');
      });
    }

    const badEntries: readonly [string, unknown, string, string][] = [
      ["an unknown case", "frames", "forwardMessages[1]", '"frames"'],
      ["the case of another capitalisation", "TaskRequest", "forwardMessages[1]", '"TaskRequest"'],
      ["a name that every object has", "constructor", "forwardMessages[1]", '"constructor"'],
      ["the name __proto__", "__proto__", "forwardMessages[1]", '"__proto__"'],
      ...[...unlistedCases].map((name): [string, unknown, string, string] => [
        `${name}, which isn't forwarded on request`,
        name,
        "forwardMessages[1]",
        `"${name}"`,
      ]),
      ["an undefined entry", undefined, "forwardMessages[1]", "undefined"],
      ["a null entry", null, "forwardMessages[1]", "null"],
      ["a number", 3, "forwardMessages[1]", "3"],
      ["a function, such as frameKind without a call", frameKind, "forwardMessages[1]", "function"],
      ["an object that is no entry", { kind: "case" }, "forwardMessages[1]", "object"],
      ["a nested array, such as a preset that isn't spread", TASKS, "forwardMessages[1]", "array"],
      ["a schema of its own", BusMessageSchema, "forwardMessages[1]", '"crossbus.v1.BusMessage"'],
      ["a made-up kind of frame", { kind: "frameKind", frameKind: "txt" }, "forwardMessages[1]", '"txt"'],
      ["a made-up Python type without a name", { kind: "pythonType" }, "forwardMessages[1].typeName", "undefined"],
      ["a Python type with an empty name", { kind: "pythonType", typeName: "" }, "forwardMessages[1].typeName", '""'],
      ["a made-up schema without a name", { kind: "message" }, "forwardMessages[1].typeName", "undefined"],
    ];
    for (const [what, entry, field, shown] of badEntries) {
      it(`${what} in forwardMessages`, () => {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ forwardMessages: ["frame", entry] }));
        expect(error.details).to.deep.equal([{ type: "badRequest", field }]);
        expect(error.message).to.include(field).and.to.include(shown);
      });
    }

    it("a hole in forwardMessages", () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ forwardMessages: new Array(1) }));
      expect(error.message).to.include("forwardMessages[0]");
    });

    for (const value of ["frame", null, { 0: "frame", length: 1 }, new Set(["frame"])]) {
      it(`${JSON.stringify(value)}${value instanceof Set ? " (a set)" : ""} for forwardMessages`, () => {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ forwardMessages: value }));
        expect(error.details).to.deep.equal([{ type: "badRequest", field: "forwardMessages" }]);
      });
    }

    for (const value of ["false", 0, null]) {
      it(`${JSON.stringify(value)} for forwardActivation`, () => {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => make({ forwardActivation: value }));
        expect(error.details).to.deep.equal([{ type: "badRequest", field: "forwardActivation" }]);
        expect(error.message).to.include(JSON.stringify(value));
      });
    }

    it("nothing that is right", () => {
      make({ forwardMessages: [...everything, ...TASKS, ...PIPECAT_FRAMES, StringValueSchema] });
      make({ forwardMessages: undefined, forwardActivation: undefined });
      make({ [localOption]: "é".repeat(128) });
    });
  });
}

describe("forwardMessages", () => {
  it("doesn't compile with a case that can't be forwarded or doesn't exist", () => {
    // @ts-expect-error there is no case "frames"
    expectThrown(Code.INVALID_ARGUMENT, () => policy(["frames"]));
    // @ts-expect-error "end" isn't forwarded
    expectThrown(Code.INVALID_ARGUMENT, () => policy(["end"]));
    // @ts-expect-error the proxy makes the announcements
    expectThrown(Code.INVALID_ARGUMENT, () => policy(["agentReady"]));
    // @ts-expect-error activation has an option of its own
    expectThrown(Code.INVALID_ARGUMENT, () => policy(["activateAgent"]));
    // @ts-expect-error a user's message is listed by its schema
    expectThrown(Code.INVALID_ARGUMENT, () => policy(["custom"]));
    // @ts-expect-error a preset has to be spread
    expectThrown(Code.INVALID_ARGUMENT, () => policy([TASKS]));
    // @ts-expect-error there is no kind "txt"
    expectThrown(Code.INVALID_ARGUMENT, () => frameKind("txt"));
  });
});
