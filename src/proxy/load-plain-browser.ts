import { loadPart } from "../base/load-part.js";
import type * as inNode from "./load-plain.js";

/** Loads what few pages need, since few have a Python peer. Rejects with UNAVAILABLE where it can't be had. */
export const loadPlain: typeof inNode.loadPlain = () => loadPart(() => import("./plain.js"));
