/**
 * The generated codec for what travels most. Bundles for pages have `hot-codec-browser.js` in its place, as the field
 * `browser` of package.json says: the other codec knows everything too, and a page counts bytes before microseconds.
 */
export { decodeHot } from "./hot-reader.js";
export { encodeHot } from "./hot-writer.js";
