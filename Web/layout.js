// Where nodes stand that nobody has put anywhere. Pure.

export const NODE = { width: 236, height: 64 }
const GAP = { x: 44, y: 84 }

/**
 * A place for every node, as a Map of `{ x, y }`, the upper left corner. Nodes with a position keep it; the others stand in layers from
 * top to bottom, each below what leads to it, and ordered so that few edges cross.
 */
export function layout(nodes, edges, positions = {}) {
  const known = new Map(nodes.map((id) => [id, positions[id]]).filter(([, place]) => isPlace(place)))
  const places = inLayers(nodes, edges.filter(({ source, target }) => nodes.includes(source) && nodes.includes(target)))
  if (known.size === 0) return places
  return new Map(nodes.map((id) => [id, known.get(id) ?? freePlace(id, places, known, edges)]))
}

const isPlace = (place) => Number.isFinite(place?.x) && Number.isFinite(place?.y)

function inLayers(nodes, edges) {
  const layers = ordered(layersOf(nodes, edges), edges)
  const x = new Map()
  const step = NODE.width + GAP.x
  for (const layer of layers) layer.forEach((id, column) => x.set(id, (column - (layer.length - 1) / 2) * step))
  // Up to what leads on from it, then down to what leads to it: a chain becomes a straight line.
  for (const [near, far, rows] of [['source', 'target', [...layers].reverse()], ['target', 'source', layers]]) {
    for (const layer of rows) straighten(layer, x, step, (id) => edges.filter((edge) => edge[near] === id).map((edge) => x.get(edge[far])))
  }
  return new Map(layers.flatMap((layer, row) => layer.map((id) => [id, { x: x.get(id), y: row * (NODE.height + GAP.y) }])))
}

/** Moves the nodes of a layer to the middle of their neighbours as far as their order and the gaps between them allow. */
function straighten(layer, x, step, neighbours) {
  const wanted = layer.map((id) => {
    const found = neighbours(id)
    return found.length === 0 ? x.get(id) : found.reduce((sum, each) => sum + each, 0) / found.length
  })
  // Neighbours that would overlap form a group that stands around the middle of what its members want.
  const groups = []
  wanted.forEach((place, index) => {
    groups.push({ first: index, count: 1, sum: place })
    const left = (group) => group.sum / group.count - ((group.count - 1) / 2) * step
    while (groups.length > 1 && left(groups.at(-1)) < left(groups.at(-2)) + groups.at(-2).count * step) {
      const { count, sum } = groups.pop()
      groups.at(-1).count += count
      groups.at(-1).sum += sum
    }
  })
  for (const { first, count, sum } of groups) {
    for (let index = 0; index < count; index++) x.set(layer[first + index], sum / count + (index - (count - 1) / 2) * step)
  }
}

/** Each node in the layer behind the last of what leads to it. Edges that close a circle do not count. */
function layersOf(nodes, edges) {
  const depth = new Map()
  const visiting = new Set()
  const depthOf = (id) => {
    if (depth.has(id)) return depth.get(id)
    if (visiting.has(id)) return -1
    visiting.add(id)
    const above = edges.filter((edge) => edge.target === id && edge.source !== id).map((edge) => depthOf(edge.source))
    visiting.delete(id)
    depth.set(id, Math.max(-1, ...above) + 1)
    return depth.get(id)
  }
  const layers = []
  for (const id of nodes) (layers[depthOf(id)] ??= []).push(id)
  return [...layers].map((layer) => layer ?? []).filter((layer) => layer.length > 0)
}

/** Orders each layer by the middle of its neighbours, down and up a few times. */
function ordered(layers, edges) {
  for (let round = 0; round < 4; round++) {
    const downwards = round % 2 === 0
    const rows = downwards ? layers : [...layers].reverse()
    for (let index = 1; index < rows.length; index++) {
      const above = new Map(rows[index - 1].map((id, place) => [id, place]))
      const middle = (id, place) => {
        const found = edges
          .filter((edge) => (downwards ? edge.target : edge.source) === id)
          .map((edge) => above.get(downwards ? edge.source : edge.target))
          .filter((each) => each !== undefined)
        return found.length === 0 ? place : found.reduce((sum, each) => sum + each, 0) / found.length
      }
      const keys = new Map(rows[index].map((id, place) => [id, middle(id, place)]))
      rows[index].sort((a, b) => keys.get(a) - keys.get(b))
    }
  }
  return layers
}

/** Below what leads to it and beside what stands there; otherwise where the layers have it, below everything. */
function freePlace(id, places, known, edges) {
  const source = edges.find((edge) => edge.target === id && known.has(edge.source))
  const from = source && known.get(source.source)
  const lowest = Math.max(...[...known.values()].map((place) => place.y))
  const place = from ? { x: from.x, y: from.y + NODE.height + GAP.y } : { x: places.get(id).x, y: lowest + NODE.height + GAP.y }
  const overlaps = (other) => Math.abs(other.x - place.x) < NODE.width + 16 && Math.abs(other.y - place.y) < NODE.height + 16
  while ([...known.values()].some(overlaps)) place.x += NODE.width + GAP.x
  known.set(id, place)
  return place
}

/** The node that an arrow key leads to from one: the nearest in that direction, or undefined. */
export function neighbour(id, key, places) {
  const from = places.get(id)
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key]
  let best
  let shortest = Infinity
  for (const [other, place] of places) {
    const along = (place.x - from.x) * dx + (place.y - from.y) * dy
    const across = Math.abs((place.x - from.x) * dy) + Math.abs((place.y - from.y) * dx)
    if (other === id || along <= 0) continue
    const distance = along + across * 2
    if (distance < shortest) [best, shortest] = [other, distance]
  }
  return best
}
