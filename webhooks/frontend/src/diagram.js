// Draws a pathway's diagram, read only, with the steps of a case marked on it.
//
//   <div class="diagram" data-diagram="/…/pathway.bpmn" data-name="Camden: looked-after decision"
//        data-marks='{"open": ["decide_removal"], "done": ["gather_views"], "stopped": []}'
//        data-badges='{"decide_removal": "12× · 3 wd"}'></div>
//
// The same steps stand beside it as a table; the drawing adds the picture and takes nothing away when it cannot load.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

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

// A slice of the picture, widened until its edges cut no shape, as far as its words can still be read.
function uncut(box, shapes, room, tall) {
  let found = { x: box.x, y: box.y, width: box.width, height: box.height };
  for (let turn = 0; turn < 6; turn += 1) {
    const meets = (one) => one.x < found.x + found.width && one.x + one.width > found.x && one.y < found.y + found.height && one.y + one.height > found.y;
    const within = (one) => one.x >= found.x && one.y >= found.y && one.x + one.width <= found.x + found.width && one.y + one.height <= found.y + found.height;
    const cut = shapes.filter((one) => meets(one) && !within(one));
    if (!cut.length) return found;
    const wider = framed(together([found, ...cut.map((one) => grown(one, GAP))]), room, tall);
    if (room / wider.width < SMALLEST) return found;
    found = wider;
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
}

async function draw(place) {
  const answer = await fetch(place.dataset.diagram, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`The diagram answered ${answer.status}.`);
  const viewer = new NavigatedViewer({ container: place });
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
  whole();
  // What a film's step moved, else what stands open, is brought into the picture at a size that can be read.
  const marked = ['.mark-moved', '.mark-open'].map((mark) => [...place.querySelectorAll(`g.djs-shape${mark}`)]).find((found) => found.length);
  if (marked && canvas.zoom() < READABLE) {
    const boxes = marked.map((one) => elements.get(one.dataset.elementId)).filter((one) => one && one.width);
    const around = grown(together(boxes), MARGIN);
    const { width: room, height: tall } = canvas.getSize();
    if (room / around.width >= SMALLEST && tall / around.height >= SMALLEST) {
      canvas.viewbox(framed(around, room, tall));
    } else {
      // Too far apart for one picture: the last of them, from where the arrows lead back.
      canvas.zoom(READABLE);
      canvas.scrollToElement(marked.at(-1).dataset.elementId, { top: tall / 3, bottom: tall / 3, left: room / 3, right: room / 3 });
    }
    canvas.viewbox(uncut(canvas.viewbox(), elements.filter(isWhole), room, tall));
  }
  offer(place, {
    Larger: () => canvas.zoom(canvas.zoom() * STEP),
    Smaller: () => canvas.zoom(canvas.zoom() / STEP),
    'Whole picture': whole,
  });

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
