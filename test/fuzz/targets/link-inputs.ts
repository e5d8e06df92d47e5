import fc from "fast-check";
import { arbitraryDamaged, arbitraryEncoded } from "../../support/arbitrary-bytes.js";
import { arbitraryScript, type Step, writeScript } from "./link-script.js";
import { recordedMessages } from "./protobuf.js";

/** Scripts for either end of a resumable link. */
export const arbitraryLinkScript = arbitraryScript(
  fc.oneof(arbitraryEncoded(), arbitraryDamaged(), fc.uint8Array({ maxLength: 30 })),
);

const greet = (number = 0): Step => ({ do: "greet", number });
const wait = (number: number): Step => ({ do: "wait", number });
const control = (...bytes: number[]): Step => ({ do: "control", bytes: Uint8Array.from(bytes) });
const frame = (...bytes: number[]): Step => ({ do: "frame", bytes: Uint8Array.from(bytes) });
const message = (flags: number, bytes: Uint8Array): Step => ({
  do: "message",
  bytes: Uint8Array.from([flags, ...bytes]),
});

const recorded = recordedMessages();

/** What goes well, and what is a little wrong. The bytes are those of PROTOCOL.md. */
export const linkSeeds: readonly Uint8Array[] = [
  [greet(), message(0, recorded[0] as Uint8Array), wait(30)],
  ...recorded.filter((_, i) => i % 16 === 0).map((bytes, i) => [greet(), message(i % 8, bytes), wait(30)]),
  [greet(), { do: "say", number: 40 }, { do: "ack", number: 0 }, wait(30), { do: "say", number: 20_001 }, wait(30)],
  [
    greet(),
    { do: "say", number: 40 },
    { do: "drop", number: 0 },
    wait(100),
    greet(8),
    { do: "ack", number: 0 },
    wait(9),
  ],
  [greet(), { do: "congest", number: 0 }, message(0, recorded[0] as Uint8Array), { do: "congest", number: 1 }, wait(9)],
  [greet(), { do: "leave", number: 0 }, { do: "ack", number: 0 }, wait(4_000)],
  [greet(), { do: "close", number: 1 }, wait(4_000)],
  [greet(), wait(6_000), wait(6_000)],
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 17, 19, 29, 31, 41].map((way) => [
    greet(),
    { do: "drop", number: 0 } as const,
    greet(way),
    wait(100),
  ]),
  [greet(), greet()],
  [greet(), control(0x22, 0x09, 0x09, 1, 0, 0, 0, 0, 0, 0, 0)],
  [greet(), control(0x3a, 0x09, 0x08, 0x02, 0x10, 0x01, 0x18, 0x07, 0x20, 0x84, 0x07)],
  [greet(), control(0x1a, 0x0c, 0x08, 0x0e, 0x12, 0x03, 0x62, 0x79, 0x65, 0x18, 0x01, 0x20, 0xf4, 0x03), wait(1_000)],
  [greet(), control(0x1a, 0x04, 0x08, 0x0e, 0x12, 0x00), wait(4_000)],
  [greet(), frame(0x87, 0x01, 0xaa, 0xbb)],
  [greet(), frame(0x83, 0xac, 0x02, 0xaa), wait(100), greet(8), frame(0x83, 0xac, 0x02, 0xaa)],
  [greet(), frame(0x82, 0x01, 0x04, 0xaa, 0xbb), frame(0x80, 0x01, 0xaa), frame(0x81, 0x01, 0xaa)],
  [greet(), frame(0x01, 0, 0, 0, 0, 0, 0)],
  [frame(0x83, 1, 0)],
  [frame()],
].map((steps) => writeScript(steps as readonly Step[]));
