import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where the first of these programs is, which may be in a folder of `PATH` or be named whole; undefined where none is. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names
    .flatMap((name) => (name.startsWith("/") ? [name] : folders.map((folder) => join(folder, name))))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
