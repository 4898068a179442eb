// A chart of the table #trend-numbers: opened, closed and escalated by day.
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** Names of the series and their numbers by day, as the table says them. */
function read(table) {
  const names = [...table.querySelectorAll('thead th')].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.querySelectorAll('tbody tr')];
  const days = rows.map((row) => row.querySelector('th').textContent.trim().slice(5));
  const numbers = names.map((_, place) => rows.map((row) => Number(row.querySelectorAll('td')[place].textContent)));
  return { names, days, numbers };
}

/** Colours and fonts are the theme's; series differ in their marks as well. */
function options({ names, days, numbers }, style) {
  const colours = ['opened', 'closed', 'escalated'].map((name) => style.getPropertyValue(`--trend-${name}`).trim());
  const marks = ['circle', 'rect', 'triangle'];
  return {
    animation: false,
    color: colours,
    textStyle: { fontFamily: style.fontFamily, fontSize: 13 },
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    legend: { top: 0 },
    grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
    xAxis: { type: 'category', data: days },
    yAxis: { type: 'value', minInterval: 1 },
    series: names.map((name, place) => ({ name, type: 'line', symbol: marks[place % 3], symbolSize: 7, showSymbol: days.length < 40, data: numbers[place] })),
  };
}

export function startTrend(place) {
  const table = document.querySelector('#trend-numbers');
  if (!table) return;
  const chart = init(place);
  chart.setOption(options(read(table), getComputedStyle(place)));
  addEventListener('resize', () => chart.resize());
}
