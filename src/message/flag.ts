// What is said in the text of the schema of a case of `BusMessage.body`, or of `Frame.kind`: a character behind its type. Each
// is a constant of its own, which bundlers put where it is used.

export const system = "!";
export const untargeted = "&";
export const never = "/";
export const activation = "+";
export const announcement = "@";
export const lifecycle = "^";
export const local = "#";
export const droppable = "~";
