/** What is remembered at most: after that everything is old. */
const maxKeys = 1_000;

/**
 * Makes a test for whether something happens for the first time, by a key: what a peer can cause at will deserves one
 * line in a log, not a line each time.
 */
export function firstTime(): (key: string) => boolean {
  // Not before something happens: most never see anything, and there are several for each session.
  let seen: Set<string> | undefined;
  return (key) => {
    seen ??= new Set();
    if (seen.has(key) || seen.size >= maxKeys) {
      return false;
    }
    seen.add(key);
    return true;
  };
}
