// Draws a pathway's diagram, read only, with the steps of a case marked on it.
//
//   <div class="diagram" data-diagram="/…/pathway.bpmn" data-name="Camden: looked-after decision"
//        data-marks='{"open": ["decide_removal"], "done": ["gather_views"], "stopped": []}'
//        data-badges='{"decide_removal": "12× · 3 wd"}' data-shapes="that moved in this step"></div>
//
// The same steps stand beside it as a table; the drawing adds the picture and takes nothing away when it cannot load.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import textRenderer from './lettering.js';

const MARGIN = 40;
const READABLE = 0.7; // below this the words on the steps are too small to read
const SMALLEST = 0.5; // what moved is shown together down to this size, else its end alone
const STEP = 1.25;
const GAP = 8; // between a shape and the edge of the picture

// What is drawn around other shapes reaches beyond any slice of the picture; everything else is seen whole or not at all.
const FRAMES = ['bpmn:Participant', 'bpmn:Lane', 'bpmn:SubProcess', 'bpmn:Group'];
const isWhole = (one) => one.width && one.parent && !(FRAMES.includes(one.type) && !one.collapsed && one.type !== 'label') && !one.hidden;

function together(boxes) {
  const x = Math.min(...boxes.map((one) => one.x));
  const y = Math.min(...boxes.map((one) => one.y));
  return { x, y, width: Math.max(...boxes.map((one) => one.x + one.width)) - x, height: Math.max(...boxes.map((one) => one.y + one.height)) - y };
}

function grown({ x, y, width, height }, by) {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

// The box in the shape of the place it is shown in, never larger than life.
function framed({ x, y, width, height }, room, tall) {
  const scale = Math.min(1, room / width, tall / height);
  return { x: x - (room / scale - width) / 2, y: y - (tall / scale - height) / 2, width: room / scale, height: tall / scale };
}

const within = (one, box) => one.x >= box.x && one.y >= box.y && one.x + one.width <= box.x + box.width && one.y + one.height <= box.y + box.height;

// A slice of the picture, widened until its edges cut no shape, as far as its words can still be read.
function uncut(box, shapes, room, tall) {
  let found = { x: box.x, y: box.y, width: box.width, height: box.height };
  for (let turn = 0; turn < 6; turn += 1) {
    const meets = (one) => one.x < found.x + found.width && one.x + one.width > found.x && one.y < found.y + found.height && one.y + one.height > found.y;
    const cut = shapes.filter((one) => meets(one) && !within(one, found));
    if (!cut.length) return found;
    const wider = framed(together([found, ...cut.map((one) => grown(one, GAP))]), room, tall);
    if (room / wider.width < SMALLEST) return found;
    found = wider;
  }
  return found;
}

// The parts of a picture that together hold all of these shapes at a size that can be read, the fullest first.
function parts(boxes, shapes, room, tall) {
  const fits = (box) => room / box.width >= SMALLEST && tall / box.height >= SMALLEST;
  const found = [];
  for (let left = boxes; left.length;) {
    let best = [];
    for (const first of left) {
      const far = (one) => Math.hypot(one.x - first.x, one.y - first.y);
      const held = [];
      for (const one of [...left].sort((a, b) => far(a) - far(b))) {
        if (!held.length || fits(grown(together([...held, one]), GAP))) held.push(one);
      }
      if (held.length >= best.length) best = held;
    }
    const close = grown(together(best), GAP);
    const roomy = grown(together(best), MARGIN);
    const part = uncut(framed(fits(roomy) ? roomy : close, room, tall), shapes, room, tall);
    found.push(part);
    left = left.filter((one) => !best.includes(one) && !within(one, part));
  }
  return found;
}

// Buttons, because a wheel and a drag are of no use to a keyboard (WCAG 2.2, 2.1.1).
function offer(place, actions) {
  const group = document.createElement('div');
  group.className = 'govuk-button-group diagram-buttons';
  for (const [words, action] of Object.entries(actions)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'govuk-button govuk-button--secondary';
    button.textContent = words;
    button.addEventListener('click', action);
    group.append(button);
  }
  place.before(group);
  return group;
}

// Says how many of the shapes that matter stand outside what is seen, whenever that changes.
function tellWhatIsOutside(place, canvas, boxes) {
  const words = document.createElement('p');
  words.className = 'govuk-body-s diagram-outside';
  words.setAttribute('role', 'status');
  place.before(words);
  return () => {
    const outside = boxes.filter((one) => !within(one, grown(canvas.viewbox(), 1))).length;
    const verb = outside === 1 ? 'stands' : 'stand';
    const shapes = boxes.length === 1 ? 'The one shape' : `${outside} of the ${boxes.length} shapes`;
    const said = outside ? `${shapes} ${place.dataset.shapes || 'that are open'} ${verb} outside this part of the picture.` : '';
    if (words.textContent !== said) words.textContent = said;
  };
}

// A place that is not shown yet, as on a page that is opened for print, has no size to fit a picture to.
function sized(place) {
  return new Promise((resolve) => {
    const watch = new ResizeObserver(() => {
      if (!place.clientWidth || !place.clientHeight) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(place);
  });
}

async function draw(place) {
  const answer = await fetch(place.dataset.diagram, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`The diagram answered ${answer.status}.`);
  const viewer = new NavigatedViewer({ container: place, textRenderer });
  await viewer.importXML(await answer.text());

  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  for (const [mark, ids] of Object.entries(JSON.parse(place.dataset.marks || '{}'))) {
    for (const id of ids) if (elements.get(id)) canvas.addMarker(id, `mark-${mark}`);
  }

  const overlays = viewer.get('overlays');
  for (const [id, words] of Object.entries(JSON.parse(place.dataset.badges || '{}'))) {
    const badge = document.createElement('span');
    badge.className = 'diagram-badge';
    badge.textContent = words;
    if (elements.get(id)) overlays.add(id, { position: { top: -12, left: 4 }, scale: { min: 0.65 }, html: badge });
  }

  const whole = () => {
    // The margin keeps marks and labels at the edge of the drawing from being cut off.
    const { x, y, width, height } = canvas.viewbox().inner;
    canvas.viewbox({ x: x - MARGIN, y: y - MARGIN, width: width + 2 * MARGIN, height: height + 2 * MARGIN });
  };
  await sized(place);
  // What a film's step moved, else what stands open, is brought into the picture at a size that can be read.
  const actions = {
    Larger: () => canvas.zoom(canvas.zoom() * STEP),
    Smaller: () => canvas.zoom(canvas.zoom() / STEP),
    'Whole picture': whole,
  };
  const marked = ['.mark-moved', '.mark-open'].map((mark) => [...place.querySelectorAll(`g.djs-shape${mark}`)]).find((found) => found.length);
  const boxes = (marked || []).map((one) => elements.get(one.dataset.elementId)).filter((one) => one && one.width && one.type !== 'label');
  let slices = [];
  let shown = 0;
  // Too far apart for one picture: the other parts are one press away.
  actions['Next part'] = () => { shown = (shown + 1) % slices.length; canvas.viewbox(slices[shown]); };
  const further = offer(place, actions).lastElementChild;
  const tell = tellWhatIsOutside(place, canvas, boxes);
  const fit = () => {
    whole();
    const { width: room, height: tall } = canvas.getSize();
    slices = boxes.length && canvas.zoom() < READABLE ? parts(boxes, elements.filter(isWhole), room, tall) : [];
    shown = 0;
    if (slices.length) canvas.viewbox(slices[0]);
    further.hidden = slices.length < 2;
    tell();
  };
  fit();
  viewer.on('canvas.viewbox.changed', tell);
  // Another width shows another part of the picture.
  let wide = place.clientWidth;
  new ResizeObserver(() => {
    if (!place.clientWidth || place.clientWidth === wide) return;
    wide = place.clientWidth;
    canvas.resized();
    fit();
  }).observe(place);

  const picture = place.querySelector('svg');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', place.dataset.name || 'Diagram of the pathway');
  picture.removeAttribute('tabindex');
  place.dataset.drawn = 'yes';
}

for (const place of document.querySelectorAll('[data-diagram]')) {
  draw(place).catch((reason) => {
    place.dataset.drawn = 'no';
    const words = document.createElement('p');
    words.className = 'govuk-body';
    words.textContent = 'The diagram could not be drawn. The steps are listed in the table.';
    place.replaceChildren(words);
    console.error(reason);
  });
}
