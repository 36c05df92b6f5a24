interface Place<Answer> {
  next: WeakMap<object, Place<Answer>> | null;
  found: { readonly answer: Answer } | null;
}

const newPlace = <Answer>(): Place<Answer> => ({ next: null, found: null });

/**
 * A pure question about one or several objects, answered once: the answer is kept for as long as they are. Values of the
 * control plane never change, so an answer never grows stale; where something changes, there is another object.
 */
export function remembered<Subjects extends readonly object[], Answer>(find: (...subjects: Subjects) => Answer): (...subjects: Subjects) => Answer {
  const root = newPlace<Answer>();
  return (...subjects) => {
    let place = root;
    for (const subject of subjects) {
      place.next ??= new WeakMap();
      let below = place.next.get(subject);
      if (below === undefined) {
        below = newPlace();
        place.next.set(subject, below);
      }
      place = below;
    }
    place.found ??= { answer: find(...subjects) };
    return place.found.answer;
  };
}
