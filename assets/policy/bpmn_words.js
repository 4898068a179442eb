// Chinese for the modeler where the common translation has none, or not the words of our screens.
export const OURS = {
  'Search in diagram': '在图里查找',
  'Open {element}': '打开 {element}',
  'Align elements': '对齐',
  ' + shift + ': ' + shift + ',
  'Append task': '添加人工环节',
  'Create task': '新建人工环节',
  'User task': '人工环节',
  'Business rule task': '决策表',
  'Service task': '系统动作',
  'Script task': '计算',
  'Call activity': '调用流程',
  'Exclusive gateway': '排他网关（选一条）',
  'Inclusive gateway': '包容网关（选几条）',
  'Parallel gateway': '并行网关（同时）',
  'Event-based gateway': '事件网关（先到先走）',
};
