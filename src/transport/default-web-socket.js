// JavaScript with types beside it: TypeScript must not follow this import, because the types of isomorphic-ws
// drag those of Node into everything that runs in browsers. No other file imports that package.
export { default as defaultWebSocket } from "isomorphic-ws";
