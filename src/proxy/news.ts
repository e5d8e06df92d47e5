import { firstTime } from "../base/first-time.js";
import type { Link } from "../link/link.js";

/** Whether something happens for the first time to the server that a link is from. */
const ofServers = new WeakMap<Link, (key: string) => boolean>();

/** Has the links of a server remember together what was told of them. */
export function shareNews(link: Link, isNews: (key: string) => boolean): void {
  ofServers.set(link, isNews);
}

/**
 * Makes a test for how what happens on a link is to be logged, by a key: once for each link, or for as long as
 * there is none, and of those of a server the first time alone as a warning. A client can begin as many as it likes.
 */
export function newsOf(link?: Link): (key: string) => "warn" | "debug" | undefined {
  const isNews = firstTime();
  const isServersNews = link === undefined ? undefined : ofServers.get(link);
  return (key) => (!isNews(key) ? undefined : isServersNews?.(key) === false ? "debug" : "warn");
}
