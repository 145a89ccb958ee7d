// Plays a film: goes on to the next step after a while, unless the person left the page or asked for less motion.
const next = document.querySelector('[data-next]');
if (next) window.setTimeout(() => { window.location.replace(next.dataset.next); }, 4000);
