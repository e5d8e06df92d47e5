// The types of scalars that code refers to by their names, as Protocol Buffers numbers them. Each is a constant of its own,
// which bundlers write as the number that it is.

export const double = 1;
export const float = 2;
export const int64 = 3;
export const uint64 = 4;
export const int32 = 5;
export const fixed64 = 6;
export const fixed32 = 7;
export const bool = 8;
export const string = 9;
export const bytes = 12;
export const uint32 = 13;
export const sfixed32 = 15;
export const sint32 = 17;
export const sint64 = 18;
