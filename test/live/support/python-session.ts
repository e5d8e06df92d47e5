import { type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { eventually } from "./eventually.js";
import type { PythonDescription, PythonEvent, PythonPeer } from "./python-peer.js";

/** What a session in Python is made of. */
export interface PythonSessionOptions {
  /**
   * What its agent is: one without a pipeline, an assistant that is a segment of a pipeline, or one that owns the
   * media and has a bridge in its pipeline. Default: one without a pipeline.
   */
  readonly kind?: "agent" | "segment" | "media";
  /** The name of the bridge of one that owns the media. Default: none. */
  readonly bridge?: string;
  /** The names of the bridges that a segment takes frames of. Default: all. */
  readonly bridges?: readonly string[];
  /** Whether its agent is active from the start. Default: true. */
  readonly active?: boolean;
  /** The message types of the application's own that it knows. Only in Protocol Buffers. Default: none. */
  readonly types?: readonly DescMessage[];
}

/** What Python makes the classes of message types of: the files that they need, each after those that it needs. */
export function typesForPython(types: readonly DescMessage[]): object {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    // Python has protobuf's own.
    if (!file.name.startsWith("google/protobuf/")) {
      file.dependencies.forEach(add);
      files.add(file);
    }
  };
  for (const { file } of types) {
    add(file);
  }
  return {
    files: [...files].map(({ proto }) => base64Encode(toBinary(FileDescriptorProtoSchema, proto))),
    names: types.map(({ typeName }) => typeName),
  };
}

let count = 0;

/** One bridge's end in Python: an agent "py", which talks to "ts" through a proxy. */
export class PythonSession {
  readonly id: string;
  readonly #peer: PythonPeer;
  readonly #from: number;

  constructor(peer: PythonPeer, id = `session-${count++}`) {
    this.id = id;
    this.#peer = peer;
    this.#from = peer.events.length;
  }

  /** Gives a command that concerns this session. */
  command(name: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return this.#peer.command(name, { session: this.id, ...fields });
  }

  /** What this session told of an event, in the order in which it happened. */
  told(event: string): readonly PythonEvent[] {
    return this.#peer.events.slice(this.#from).filter((told) => told.session === this.id && told.event === event);
  }

  /** What was logged since the session began, and isn't known to be noise. */
  get log(): readonly string[] {
    return this.#peer.events
      .slice(this.#from)
      .filter(({ event }) => event === "log")
      .map(({ level, text }) => `${level} ${text}`);
  }

  /** Waits until an event was told so many times, and gives the last of them. */
  async event(name: string, times = 1): Promise<PythonEvent> {
    await eventually(() => this.told(name).length >= times);
    return this.told(name)[times - 1] as PythonEvent;
  }

  /** The messages of a type that arrived for the agent. */
  messages(type: string): readonly PythonDescription[] {
    const all = this.told("message").map(({ message }) => message as PythonDescription);
    return all.filter((message) => message.type === type);
  }

  /** Waits for a message of a type. */
  async message(type: string, times = 1): Promise<PythonDescription["fields"]> {
    await eventually(() => this.messages(type).length >= times);
    return (this.messages(type)[times - 1] as PythonDescription).fields;
  }

  /** The frames that passed through the agent's pipeline, and their directions. */
  get frames(): readonly { readonly frame: PythonDescription; readonly direction: string }[] {
    return this.told("frame") as unknown as { frame: PythonDescription; direction: string }[];
  }

  /** Waits for the frame of a type in the agent's pipeline. */
  async frame(type: string): Promise<PythonDescription> {
    await eventually(() => this.frames.some(({ frame }) => frame.type === type));
    return this.frames.find(({ frame }) => frame.type === type)?.frame as PythonDescription;
  }

  /** The names of the frame classes that this release has. */
  async knownFrames(): Promise<readonly string[]> {
    return (await this.command("known_frames")) as readonly string[];
  }

  /** Has the agent send messages. They are Python, in the vocabulary of pipecat-ai-subagents. */
  async send(...messages: readonly string[]): Promise<readonly PythonDescription[]> {
    return (await this.command("send", { messages })) as readonly PythonDescription[];
  }

  /** Sends a message as no proxy of Pipecat would. */
  raw(message: string): Promise<unknown> {
    return this.command("raw", { message });
  }
}
