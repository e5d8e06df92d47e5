import { SourceMap } from "node:module";

/** Makes a function that shows where lines of a stack in a bundle come from. */
export function stackMapper(sourceMap: string, bundle: string): (stack: string) => string {
  const map = new SourceMap(JSON.parse(sourceMap));
  return (stack) =>
    stack
      .split("\n")
      .map((line) =>
        line.replace(
          /\(?(?:https?:\/\/[^\s()]*\/)?\b([\w.]+):(\d+):(\d+)\)?/,
          (whole, file: string, row: string, column: string) => {
            if (file !== bundle) {
              return whole;
            }
            const entry = map.findEntry(Number(row) - 1, Number(column) - 1);
            return "originalSource" in entry
              ? `(${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1})`
              : whole;
          },
        ),
      )
      .join("\n");
}
