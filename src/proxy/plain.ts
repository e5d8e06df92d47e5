/** What plain links need beside what resumable ones do, JSON dialects included. */
export { openPlainLink } from "../link/open-plain-link.js";
export { plainLinks } from "./plain-links.js";
