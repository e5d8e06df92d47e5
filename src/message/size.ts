import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";

/** What an object costs beside its content, roughly. */
const OBJECT = 64;

/** What a field or an element costs, roughly: a reference or a number. */
const SLOT = 8;

/** What the objects around the audio of a frame cost, roughly. */
const AUDIO_FRAME = 512;

/** How many objects, and elements of lists, a message may hold to be taken for a tree. */
const MAX_TREE = 10_000;

/**
 * About how many bytes a message keeps alive, for the limits of queues. A string counts as its length, bytes as
 * theirs, every object as a constant. What occurs twice is counted twice, as it is encoded, unless there are more than
 * 10 000 objects and elements: then once. It takes time in proportion to the number of fields, not to their size, and much less for
 * plain audio.
 */
export function approximateSize(message: BusMessage): number {
  return audioSize(message) ?? treeSize(message) ?? graphSize(message);
}

function audioSize({ body, extra, $unknown: unknown }: BusMessage): number | undefined {
  if (body.case !== "frame" || extra !== undefined || unknown !== undefined) {
    return undefined;
  }
  const frame = body.value.frame;
  const audio = (frame?.kind.value as { readonly audio?: Uint8Array } | undefined)?.audio;
  return audio === undefined ||
    frame?.metadata !== undefined ||
    frame?.extra !== undefined ||
    frame?.$unknown !== undefined
    ? undefined
    : AUDIO_FRAME + audio.byteLength;
}

/** The size of a message without regard for what occurs twice. Gives up where that might take for ever. */
function treeSize(message: BusMessage): number | undefined {
  let size = 0;
  // Counted before they are gone through: a list that occurs in many places would be noted as often as it occurs.
  let left = MAX_TREE;
  const stack: object[] = [message];
  for (let object = stack.pop(); object !== undefined; object = stack.pop()) {
    size += OBJECT;
    if (object instanceof Uint8Array) {
      size += object.byteLength;
    } else if (Array.isArray(object)) {
      left -= object.length;
      if (left < 0) {
        return undefined;
      }
      for (const member of object as readonly unknown[]) {
        size += SLOT + sizeInSlot(member);
        if (isObject(member)) {
          stack.push(member);
        }
      }
    } else {
      // No list of the members is made, which would take several times as long.
      for (const name in object) {
        const member = (object as Readonly<Record<string, unknown>>)[name];
        size += SLOT + sizeInSlot(member);
        if (isObject(member)) {
          stack.push(member);
          left--;
        }
      }
      if (left < 0) {
        return undefined;
      }
    }
  }
  return size;
}

/** The size of a message that may have cycles: each object is remembered, which takes most of the time. */
function graphSize(message: BusMessage): number {
  let size = 0;
  const seen = new Set<object>([message]);
  // The set grows while it is gone through: neither depth nor a cycle can do harm.
  for (const object of seen) {
    size += OBJECT;
    if (object instanceof Uint8Array) {
      size += object.byteLength;
      continue;
    }
    for (const member of Object.values(object) as readonly unknown[]) {
      size += SLOT + sizeInSlot(member);
      if (isObject(member)) {
        seen.add(member);
      }
    }
  }
  return size;
}

function isObject(member: unknown): member is object {
  return typeof member === "object" && member !== null;
}

/** What a member takes beside the slot that it is in, and beside its own members. */
function sizeInSlot(member: unknown): number {
  return typeof member === "string" ? member.length : typeof member === "bigint" ? 2 * SLOT : 0;
}
