import { openSync, readFileSync, writeSync } from "node:fs";

/** Keeps the input that is being tried in a file, with the name of its target before it. */
export function keepTrying(file: string): (target: string, input: Uint8Array) => void {
  const handle = openSync(file, "w");
  return (target, input) => {
    const head = Buffer.alloc(36);
    head.writeUInt32LE(input.length);
    head.write(target, 4, "latin1");
    writeSync(handle, Buffer.concat([head, input]), 0, 36 + input.length, 0);
  };
}

/** Reads the input that was being tried last. Undefined where none was. */
export function readTrying(file: string): { readonly target: string; readonly input: Uint8Array } | undefined {
  const bytes = readFileSync(file);
  if (bytes.length < 36) {
    return undefined;
  }
  const target = bytes.toString("latin1", 4, 36).replace(/\0+$/, "");
  return { target, input: Uint8Array.from(bytes.subarray(36, 36 + bytes.readUInt32LE(0))) };
}
