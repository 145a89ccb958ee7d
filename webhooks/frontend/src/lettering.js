// The typeface of a diagram's words, for measuring and for drawing: where both differ, words wrap in the wrong place.
// The first that a machine has is taken; all are as wide as Arial, which the pictures were laid out for.
const fontFamily = 'Arial, "Liberation Sans", Arimo, "DejaVu Sans Condensed", sans-serif';

export default { defaultStyle: { fontFamily }, externalStyle: { fontFamily } };
