import { expect } from "chai";
import fc from "fast-check";
import { Code, StatusError, show } from "../../../src/base/status.js";
import { checkDialect } from "../../../src/codec/dialect.js";
import { goawayStatus } from "../../../src/link/resumable/reset.js";
import { customTypeName } from "../../../src/message/custom-schema.js";
import { checkAgentName } from "../../../src/message/names.js";
import { checkHeaders } from "../../../src/transport/check-headers.js";
import { checkProtocols, checkUrl, showUrl } from "../../../src/transport/check-options.js";
import { closeCodeToStatus, closeReason } from "../../../src/transport/close-codes.js";
import { codePoint } from "../../support/arbitrary-code-point.js";
import type { FuzzTarget } from "../target.js";
import { texts, wordsOf } from "./outcome.js";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

type Reader = (text: string, number: number) => string;

/** What reads text that others chose. The first byte of an input says which, the next two are a number. */
const readers: readonly Reader[] = [
  function closeCode(text, number) {
    const { code, message } = closeCodeToStatus(number, text);
    expect(Code[code], "a close code means no status").to.be.a("string");
    expect(message, "a close reason can forge a log line").to.not.match(controls);
    return Code[code];
  },
  function goaway(text, number) {
    const reason = number % 16;
    const { code, message } = goawayStatus({ code: number % 32, message: text, retryAfterMs: number, reason } as never);
    expect(Code[code], "a goodbye means no status").to.be.a("string");
    expect(message, "a goodbye can forge a log line").to.not.match(controls);
    return Code[code];
  },
  function reasonThatFits(text) {
    const cut = closeReason(text);
    expect(encoder.encode(cut).length, "a close reason is too long").to.be.at.most(123);
    expect(decoder.decode(encoder.encode(cut))).to.equal(cut);
    return cut === text ? "whole" : "cut";
  },
  function shown(text) {
    const line = show(text);
    expect(line, "what is shown can forge a log line").to.not.match(controls);
    expect(line.length).to.be.at.most(64);
    return "shown";
  },
  function url(text) {
    return judged(() => {
      const parsed = checkUrl(text);
      expect(showUrl(parsed)).to.not.include(parsed.search === "" ? "\u0000" : parsed.search);
      return `${parsed.protocol} ${parsed.port === ""}`;
    });
  },
  function credentials(text) {
    // Whatever else is wrong with it: no message shows a password.
    return judged(() => checkUrl(`ws://user:pass-word@${text}`).protocol, "pass-word");
  },
  function headers(text) {
    const [name = "", ...value] = text.split(":");
    return judged(() => {
      const checked = checkHeaders({ [name]: value.join(":") });
      expect(Object.values(checked).join(), "a header can hold another one").to.not.match(/[\r\n\0]/);
      expect(Object.keys(checked).join()).to.match(/^[!-9;-~]+$/);
      return "header";
    });
  },
  function protocols(text) {
    return judged(() => {
      expect(checkProtocols(text.split(",")).join(), "a header can hold another one").to.match(/^[!-~]+$/);
      return "protocols";
    });
  },
  function version(text) {
    return judged(() => {
      checkDialect({ dialect: "pipecat", peerVersion: text });
      return "version";
    });
  },
  function agentName(text) {
    return judged(() => {
      checkAgentName("name", text);
      // What turns the direction of text is allowed, and escaped where it is shown.
      expect(text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")).to.not.match(controls);
      return "name";
    });
  },
  function typeUrl(text) {
    const name = customTypeName(text);
    expect(name ?? "a").to.match(/^[^/]+$/);
    return name === undefined ? "no type" : "type";
  },
];

/** Expects no more than a status that shows nothing it shouldn't. */
function judged(call: () => string, secret?: string): string {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== Code.INVALID_ARGUMENT) {
      throw error;
    }
    expect(error.message, "a message can forge a log line").to.not.match(controls);
    if (secret !== undefined) {
      expect(error.message, "a message shows a secret").to.not.include(secret);
    }
    return wordsOf(error.message);
  }
}

/** Text that a peer chooses, or that an application passes on. */
export const textsTarget: FuzzTarget = {
  name: "texts",
  about: "close codes and reasons, goodbyes, URLs, headers, subprotocols, versions, names and type URLs",
  seeds: () => {
    const examples = [
      ...["ws://127.0.0.1:8765/ws", "wss://[::1]/a?b=c#d", "ws://a:b@c", "x-token: abc", "crossbus.v1,bearer.abc"],
      ...[
        "1.14.0",
        "1.6.0rc1",
        "agent",
        "type.googleapis.com/acme.v1.Order",
        "\u202egone",
        "x".repeat(200),
        "\ud83d\ude00",
      ],
    ];
    return readers.flatMap((_, i) => examples.map((text) => chosen(i, 4_000 + i, text)));
  },
  arbitrary: fc
    .tuple(
      fc.nat({ max: readers.length - 1 }),
      fc.oneof(fc.constantFrom(0, 999, 1000, 1005, 1015, 3000, 4000, 4014, 4016, 4017), fc.nat({ max: 65_535 })),
      fc.oneof(fc.string({ unit: codePoint, maxLength: 200 }), fc.string({ maxLength: 300 }), fc.webUrl()),
    )
    .map(([reader, number, text]) => chosen(reader, number, text)),
  dictionary: texts(
    "ws://",
    "wss://",
    "@",
    ":",
    "#",
    "?",
    "\r\n",
    "\u0000",
    "\u2028",
    "\u001b[2J",
    "%00",
    "//",
    "[::1]",
    "1.0.0",
    "\u{1f600}",
  ),
  run(input) {
    const reader = readers[(input[0] ?? 0) % readers.length] as Reader;
    return `${reader.name} ${reader(decoder.decode(input.subarray(3)), ((input[1] ?? 0) << 8) | (input[2] ?? 0))}`;
  },
};

function chosen(reader: number, number: number, text: string): Uint8Array {
  return Uint8Array.from([reader, number >> 8, number & 0xff, ...encoder.encode(text)]);
}
