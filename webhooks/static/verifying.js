// Asks for the next stretch of a verification by itself; without scripts a button does.
document.querySelector('form[data-go-on]')?.requestSubmit();
