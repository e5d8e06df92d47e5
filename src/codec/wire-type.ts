// The wire types of Protocol Buffers that are read here, each a constant of its own, which bundlers write as the number that it
// is. Groups (3 and 4) are refused wherever they stand.

export const varint = 0;
export const fixed64 = 1;
export const lengthDelimited = 2;
export const fixed32 = 5;
