// The table editor reads DMN 1.3. Newer files are shown as 1.3 and written back as what they
// were; older ones are brought up to 1.3, which every tool of today reads.

const OURS = '20191111';
const NEWER = /(["'])https:\/\/www\.omg\.org\/spec\/DMN\/(20211108|20230324|20240513)\/(MODEL|DMNDI)\/\1/g;

/** `{xml, back}`: the file as the editor reads it, and the way back for what it writes. */
export async function readable(text) {
  const [, , version] = /(["'])https:\/\/www\.omg\.org\/spec\/DMN\/(\d+)\/MODEL\/\1/.exec(text) ?? [];
  if (version === OURS) return { xml: text, back: (xml) => xml };
  if (NEWER.test(text)) {
    NEWER.lastIndex = 0;
    return {
      xml: text.replace(NEWER, `"https://www.omg.org/spec/DMN/${OURS}/$3/"`),
      back: (xml) => xml.replace(new RegExp(`"https://www\\.omg\\.org/spec/DMN/${OURS}/(MODEL|DMNDI)/"`, 'g'), `"https://www.omg.org/spec/DMN/${version}/$1/"`),
    };
  }
  const { migrateDiagram } = await import('@bpmn-io/dmn-migrate');
  return { xml: await migrateDiagram(text), back: (xml) => xml };
}
