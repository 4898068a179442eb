// The map of an area: its parts in colours, cases as marks by zoom; no tiles from outside.
// <div class="map" data-map data-facts='{"areas": "/…", "marks": "/…", "parts": {id: {name, text, shade, href}}, "words": {…}}'></div>
import L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import '../maps/map.scss';

const CLOSE = 42;
const WORLD = [[-85, -180], [-85, 180], [85, 180], [85, -180]];

async function read(address) {
  const answer = await fetch(address, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

/** All rings of an outline: what lies outside of them is quieter. */
function rings(outline) {
  const found = [];
  const walk = (points) => (points[0]?.lat === undefined ? points.forEach(walk) : found.push(points));
  outline.getLayers().forEach((layer) => walk(layer.getLatLngs()));
  return found;
}

/** The names of parts at their middles, with what they are coloured by. */
function name(map, layer, part) {
  const text = document.createElement('span');
  text.textContent = `${part.name} ${part.text}`;
  L.tooltip({ pane: 'names', permanent: true, direction: 'center', className: 'area-name', interactive: false }).setLatLng(layer.getBounds().getCenter()).setContent(text).addTo(map);
}

function drawParts(map, { parts }, facts) {
  return L.geoJSON(parts, {
    style: ({ id }) => ({ className: `area area-${facts.parts[id]?.shade ?? 'none'}`, weight: 1.2 }),
    onEachFeature({ id }, layer) {
      const part = facts.parts[id];
      if (!part) return;
      name(map, layer, part);
      layer.on('click', () => { location.href = part.href; });
      layer.on('mouseover mouseout', ({ type }) => document.querySelector(`[data-part="${id}"]`)?.classList.toggle('part-shown', type === 'mouseover'));
    },
  }).addTo(map);
}

/** Cells have edges where people have none: marks that would touch stand a little apart. */
function spread(map, marks) {
  const kept = [];
  for (const mark of [...marks].sort((one, other) => other.count - one.count)) {
    const at = map.latLngToLayerPoint(mark.at);
    const near = kept.find((one) => one.at.distanceTo(at) < CLOSE * 0.6);
    if (near) at.y += CLOSE * 0.6;
    kept.push({ ...mark, at });
  }
  return kept;
}

function popup({ title, href }, words) {
  const box = document.createElement('div');
  const link = document.createElement('a');
  link.href = href;
  link.textContent = words.open;
  box.append(title, document.createElement('br'), link);
  return box;
}

function startMarks(map, facts) {
  const group = L.layerGroup().addTo(map);
  let asked = 0;
  async function refresh() {
    const turn = ++asked;
    const box = map.getBounds().pad(0.1);
    const corners = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((one) => one.toFixed(5));
    const marks = await read(`${facts.marks}&zoom=${Math.round(map.getZoom())}&box=${corners.join(',')}`);
    if (turn !== asked) return;
    group.clearLayers();
    for (const mark of spread(map, marks)) {
      const size = Math.round(Math.min(44, 18 + 8 * Math.log10(mark.count)));
      const html = document.createElement('span');
      html.textContent = mark.count;
      const icon = L.divIcon({ className: `map-mark${mark.late ? ' map-mark-late' : ''}`, iconSize: [size, size], html });
      L.marker(map.layerPointToLatLng(mark.at), { icon, keyboard: false, title: mark.title }).bindPopup(() => popup(mark, facts.words)).addTo(group);
    }
    map.getContainer().dataset.marks = marks.length;
  }
  map.on('moveend', refresh);
  return refresh();
}

async function show(container) {
  const facts = JSON.parse(container.dataset.facts);
  const found = await read(facts.areas);
  const map = L.map(container, { zoomSnap: 0.25, zoomControl: false, attributionControl: false, minZoom: 6, maxZoom: 17 });
  // Names lie under the marks, over the areas.
  map.createPane('names').classList.add('map-names');
  L.control.zoom({ zoomInTitle: facts.words.in, zoomOutTitle: facts.words.out }).addTo(map);
  L.control.scale({ imperial: false, position: 'bottomright' }).addTo(map);
  const outline = L.geoJSON(found.whole);
  map.fitBounds(outline.getBounds(), { padding: [16, 16] });
  L.polygon([WORLD, ...rings(outline)], { className: 'map-outside', stroke: false, interactive: false }).addTo(map);
  drawParts(map, found, facts);
  L.geoJSON(found.whole, { interactive: false, style: { className: 'map-outline', fill: false, weight: 2.5 } }).addTo(map);
  await startMarks(map, facts);
  container.dataset.ready = 'yes';
}

for (const container of document.querySelectorAll('[data-map]')) {
  show(container).catch((error) => {
    console.warn(error);
    container.textContent = JSON.parse(container.dataset.facts).words.failed;
  });
}
