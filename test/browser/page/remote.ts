/**
 * How tests in a page have things done in Node, by the process that has opened the page: a call blocks the page until it
 * is answered, so that what Node does looks like what a function does. What happens there by itself comes as events.
 */

/** Something that happened in Node, to what has the id `to`. */
export interface RemoteEvent {
  readonly to: string;
  readonly name: string;
  readonly value: unknown;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** What an answer says before the bytes that come with its events. */
interface Answer {
  readonly result?: unknown;
  readonly error?: unknown;
  readonly events: readonly { to: string; name: string; value?: unknown; bytes?: number }[];
}

/** What an event is for, and whether it must have taken effect before the call that brought it returns. */
interface Receiver {
  readonly atOnce: boolean;
  readonly receive: (event: RemoteEvent) => void;
}

const receivers = new Map<string, Receiver>();
const waiting: RemoteEvent[] = [];
let isDelivering = false;
/**
 * How often Node was asked, and the answers that have to wait for those before them: Firefox doesn't block while it asks, and
 * asks something else meanwhile.
 */
let lastCall = 0;
let lastTaken = 0;
const answers = new Map<number, () => void>();
/** How many calls are under way, and what waits until there is none. */
let calls = 0;
const held: (() => void)[] = [];
let lastId = 0;

/** An error in Node that a call has led to, as the one who serves the call describes it. */
export class RemoteError extends Error {
  readonly described: unknown;

  constructor(described: unknown) {
    super(typeof described === "string" ? described : JSON.stringify(described));
    this.described = described;
  }
}

/** An id for something that Node gets to know. */
export function newId(kind: string): string {
  lastId++;
  return `page-${kind}-${lastId}`;
}

/** Has the events for an id delivered, each after those before it. Returns a function that ends that. */
export function onRemote(id: string, receive: (event: RemoteEvent) => void, atOnce = false): () => void {
  receivers.set(id, { atOnce, receive });
  return () => receivers.delete(id);
}

/** What is sent and hasn't been told to Node: a call each would take long. */
let unsent: { readonly id: string; readonly bytes: Uint8Array }[] = [];

/** Has bytes sent over a connection in Node, before anything else is done there, or at the end of this turn. */
export function sendSoon(id: string, bytes: Uint8Array): void {
  unsent.push({ id, bytes });
  if (unsent.length === 1) {
    queueMicrotask(flush);
  }
}

function flush(): void {
  const sends = unsent;
  if (sends.length > 0) {
    unsent = [];
    const joined = new Uint8Array(sends.reduce((length, { bytes }) => length + bytes.length, 0));
    let at = 0;
    for (const { bytes } of sends) {
      joined.set(bytes, at);
      at += bytes.length;
    }
    const lengths = sends.map(({ bytes }) => bytes.length);
    const ids = sends.map(({ id }) => id);
    const parts = ids.every((id) => id === ids[0]) ? { id: ids[0], lengths } : { ids, lengths };
    call("send", parts, joined);
  }
}

/** Has something done in Node. Throws a RemoteError when that throws. */
export function call(name: string, args: unknown = {}, bytes = new Uint8Array()): unknown {
  flush();
  const request = new XMLHttpRequest();
  request.open("POST", "/call", false);
  // A request that blocks can't ask for bytes. It can have each taken for a character.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  const number = ++lastCall;
  calls++;
  request.send(new Blob([JSON.stringify({ number, name, args }), "\n", bytes]));
  calls--;
  if (calls === 0 && held.length > 0) {
    queueMicrotask(goOn);
  }
  if (request.status !== 200) {
    throw new Error(`the call ${name} was answered with ${request.status}`);
  }
  const text = request.responseText;
  const end = text.indexOf("\n");
  const answer = JSON.parse(text.slice(0, end)) as Answer;
  answers.set(number, () => takeAll(answer, text, end + 1));
  for (let next = answers.get(lastTaken + 1); next !== undefined; next = answers.get(lastTaken + 1)) {
    answers.delete(++lastTaken);
    next();
  }
  if (answer.error !== undefined) {
    throw new RemoteError(answer.error);
  }
  return answer.result;
}

/**
 * Has an event take effect, at once or, where Firefox lets it in while a call is under way, after that: nobody who calls
 * expects anything else to happen meanwhile.
 */
export function outsideCalls(action: () => void): void {
  if (calls === 0 && held.length === 0) {
    action();
  } else {
    held.push(action);
  }
}

function goOn(): void {
  if (calls === 0) {
    held.shift()?.();
    if (held.length > 0) {
      queueMicrotask(goOn);
    }
  }
}

/** Takes the events of an answer, whose bytes are in its text from `at` on. */
function takeAll({ events }: Answer, text: string, at: number): void {
  let from = at;
  for (const { to, name, value, bytes: length } of events) {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    if (length !== undefined) {
      bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        bytes[i] = text.charCodeAt(from + i);
      }
      from += length;
    }
    take({ to, name, value, bytes });
  }
}

/** Resolves once Node's word that something has happened has been heard: from then on events come by themselves. */
export function listenToRemote(): Promise<void> {
  const socket = new WebSocket(`ws://${location.host}/events`);
  socket.addEventListener("message", () => outsideCalls(() => call("take")));
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("close", () => reject(new Error("the runner is gone")));
  });
}

function take(event: RemoteEvent): void {
  const receiver = receivers.get(event.to);
  if (receiver?.atOnce === true) {
    receiver.receive(event);
  } else {
    waiting.push(event);
    void deliver();
  }
}

/** Never within the call that brought the events, whose caller doesn't expect anything to happen to it meanwhile. */
async function deliver(): Promise<void> {
  if (isDelivering) {
    return;
  }
  isDelivering = true;
  await undefined;
  for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
    receivers.get(event.to)?.receive(event);
    await undefined;
  }
  isDelivering = false;
}
