/** One end of a pair that sends audio frames to the other, both ways. What it sends with is the contestant. */
export interface Pipe {
  /** Makes a frame and sends it. */
  send(): void;
  /** How many bytes, roughly, were sent and are still kept in this process. */
  buffered(): number;
  /** Gets the payload of each frame that arrives. Called once. */
  receive(consumer: (payload: Uint8Array) => void): void;
}

/** What makes both ends of a pair. */
export interface PipeMaker {
  /** Serves, and gives the end of the one client that comes. Returns where the client connects to. */
  serve(accept: (pipe: Pipe) => void): Promise<string>;
  connect(address: string): Promise<Pipe>;
}

/** What a frame carries: 20 ms of speech. */
export const samples = Uint8Array.from({ length: 640 }, (_, i) => i % 251);

/** What a frame says about its samples. */
export const format = { sampleRate: 16_000, numChannels: 1 };

/** The names at either end. */
export const clientName = "speaker1";
export const serverName = "speaker2";
