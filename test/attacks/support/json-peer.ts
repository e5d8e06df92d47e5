import { RawWebSocket } from "./raw-web-socket.js";
import { until } from "./until.js";

/** How a text frame stands on the wire, with further members in the frame and in the message. */
export function textJson(text: string, members: { readonly frame?: string; readonly message?: string } = {}): string {
  const { frame = "", message = "" } = members;
  const data = `{"id":1,"name":"TextFrame#1","metadata":{},"text":${JSON.stringify(text)}${frame}}`;
  const typed = `{"__type__":"pipecat.frames.frames.TextFrame","__data__":${data}}`;
  return frameJson(typed, message);
}

/** How a message with any frame stands on the wire. */
export function frameJson(typedFrame: string, members = ""): string {
  const direction = '{"__type__":"pipecat.processors.frame_processor.FrameDirection","__data__":"DOWNSTREAM"}';
  return messageJson(
    "pipecat.bus.messages.BusFrameMessage",
    `"source":"acme","target":"assistant","frame":${typedFrame},"direction":${direction}${members}`,
  );
}

/** How any message stands on the wire. */
export function messageJson(className: string, members: string): string {
  return `{"__type__":${JSON.stringify(className)},"__data__":{${members}}}`;
}

/** A peer that writes JSON by hand, as a Python peer sees what comes back: as text. */
export class JsonPeer implements Disposable {
  readonly webSocket: RawWebSocket;
  /** What has come. */
  readonly texts: string[];
  #markers = 0;

  private constructor(webSocket: RawWebSocket, texts: string[]) {
    this.webSocket = webSocket;
    this.texts = texts;
  }

  /** Opens one, and has the assistant pass frames on. */
  static async open(port: number): Promise<JsonPeer> {
    const texts: string[] = [];
    const onMessage = (payload: Uint8Array) => texts.push(Buffer.from(payload).toString());
    const peer = new JsonPeer(await RawWebSocket.open(port, { onMessage }), texts);
    peer.send(messageJson("pipecat.bus.messages.BusActivateWorkerMessage", '"source":"acme","target":"assistant"'));
    return peer;
  }

  send(json: string): void {
    this.webSocket.text(json);
  }

  /** Resolves with whether the session goes on, once what was sent before has been dealt with. */
  async goesOn(): Promise<boolean> {
    const marker = `still there ${++this.#markers}`;
    this.send(textJson(marker));
    await until(() => this.has(marker) || this.webSocket.isOver);
    return this.has(marker);
  }

  /** Whether something that came holds a text. */
  has(part: string): boolean {
    return this.texts.some((text) => text.includes(part));
  }

  [Symbol.dispose](): void {
    this.webSocket[Symbol.dispose]();
  }
}
