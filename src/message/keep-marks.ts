import { configureTextEncoding, getTextEncoding } from "@bufbuild/protobuf/wire";

/**
 * Calls `read`, and has protobuf-es keep the byte order mark at the start of each text that it reads meanwhile. By itself
 * it drops them, so that text would arrive as another one, and two keys of a map as one.
 */
export function keepMarks<Result>(read: () => Result): Result {
  const before = getTextEncoding();
  const decodeUtf8: typeof before.decodeUtf8 = (bytes, strict) => {
    let end = 0;
    while (bytes[end] === 0xef && bytes[end + 1] === 0xbb && bytes[end + 2] === 0xbf) {
      end += 3;
    }
    return end === 0
      ? before.decodeUtf8(bytes, strict)
      : "\ufeff".repeat(end / 3) + before.decodeUtf8(bytes.subarray(end), strict);
  };
  // It is one for all of protobuf-es, also for the application's own use, and so only for as long as this takes.
  configureTextEncoding({ ...before, decodeUtf8 });
  try {
    return read();
  } finally {
    configureTextEncoding(before);
  }
}
