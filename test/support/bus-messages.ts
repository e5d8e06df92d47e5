import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { AnyBusMessage, BusSubscriber } from "../../src/bus/agent-bus.js";
import { busMessage, frame } from "../../src/message/build.js";

/** A data message that is known by its text. */
export function data(text: string, target?: string, source = "tester"): BusMessage {
  return busMessage("ttsSpeak", { text }, { source, target });
}

/** A system message that is known by its text. */
export function system(text: string, target?: string, source = "tester"): BusMessage {
  return busMessage("taskCancel", { reason: text }, { source, target });
}

/** A message with a frame. */
export function framed(content: Frame, target?: string, source = "tester"): BusMessage {
  return busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { source, target });
}

/** A message with a frame of audio, which a full queue may drop, known by its only byte. */
export function audio(mark: number, target?: string): BusMessage {
  return framed(frame("outputAudioRaw", { audio: Uint8Array.of(mark) }), target);
}

/** What a message made here is known by. */
export function label(message: AnyBusMessage): string {
  const body = (message as BusMessage).body;
  switch (body.case) {
    case "ttsSpeak":
      return body.value.text;
    case "taskCancel":
      return body.value.reason ?? "";
    case "frame": {
      const kind = body.value.frame?.kind;
      return kind?.case === "outputAudioRaw" ? `audio ${kind.value.audio[0]}` : String(kind?.case);
    }
    default:
      return String(message.body.case);
  }
}

/** A subscriber that keeps what it gets. */
export interface Recorder extends BusSubscriber {
  readonly messages: AnyBusMessage[];
  readonly labels: readonly string[];
}

/** Makes a subscriber that keeps what it gets, and then does what the test says. */
export function recorder(
  name: string,
  onBusMessage: (message: AnyBusMessage) => void | Promise<void> = () => {},
  more: Partial<BusSubscriber> = {},
): Recorder {
  const messages: AnyBusMessage[] = [];
  return {
    ...more,
    name,
    messages,
    get labels() {
      return messages.map(label);
    },
    onBusMessage(message) {
      messages.push(message);
      return onBusMessage(message);
    },
  };
}
