import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";

/** What an object costs beside its content, roughly. */
const OBJECT = 64;

/** What a field or an element costs, roughly: a reference or a number. */
const SLOT = 8;

/** What the objects around the audio of a frame cost, roughly. */
const AUDIO_FRAME = 512;

/**
 * About how many bytes a message keeps alive, for the limits of queues. A string counts as its length, bytes as
 * theirs, every object as a constant. What occurs twice is counted once. It takes time in proportion to the
 * number of fields, not to their size, and much less for plain audio.
 */
export function approximateSize(message: BusMessage): number {
  return audioSize(message) ?? walk(message);
}

function audioSize({ body, extra, $unknown: unknown }: BusMessage): number | undefined {
  if (body.case !== "frame" || extra !== undefined || unknown !== undefined) {
    return undefined;
  }
  const frame = body.value.frame;
  switch (frame?.kind.case) {
    case "inputAudioRaw":
    case "outputAudioRaw":
    case "ttsAudioRaw":
    case "speechOutputAudioRaw":
    case "userAudioRaw":
      return frame.metadata === undefined && frame.extra === undefined && frame.$unknown === undefined
        ? AUDIO_FRAME + frame.kind.value.audio.byteLength
        : undefined;
    default:
      return undefined;
  }
}

function walk(message: BusMessage): number {
  let size = 0;
  // A stack and a set instead of recursion: neither depth nor a cycle can do harm.
  const seen = new Set<object>([message]);
  const stack: object[] = [message];
  for (let object = stack.pop(); object !== undefined; object = stack.pop()) {
    size += OBJECT;
    if (object instanceof Uint8Array) {
      size += object.byteLength;
      continue;
    }
    const members: readonly unknown[] = Array.isArray(object) ? object : Object.values(object);
    for (const member of members) {
      size += SLOT;
      if (typeof member === "string") {
        size += member.length;
      } else if (typeof member === "bigint") {
        size += 2 * SLOT;
      } else if (typeof member === "object" && member !== null && !seen.has(member)) {
        seen.add(member);
        stack.push(member);
      }
    }
  }
  return size;
}
