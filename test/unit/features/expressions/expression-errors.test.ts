import { refusal } from './evaluate';

describe('An expression that cannot be', () => {
  it.each<[text: string, position: number, problem: RegExp, expected: RegExp]>([
    ['', 1, /the end comes too early/, /a feature/],
    ['calls +', 8, /the end comes too early/, /a feature/],
    ['calls 3', 7, /"3" comes/, /an operator or the end/],
    ['(calls', 7, /the end/, /"\)"/],
    ['calls)', 6, /"\)" comes/, /an operator or the end/],
    ['calls ? 1', 7, /"\?" has no meaning/, /an operator/],
    ["plan = 'open", 13, /quotes that open at character 8 are not closed/, /'/],
    ['3calls', 1, /"3c" is neither/, /a number/],
    ['1 < calls < 3', 11, /"<" comes/, /do not follow one another/],
    ['calls is 3', 10, /"3" comes/, /null or not null/],
    ['calls not 3', 11, /"3" comes/, /in/],
    ['calls in (minutes)', 11, /something other than values/, /written out/],
    ['calls in (1, null)', 14, /something other than values/, /written out/],
    ['calls in ()', 11, /"\)" comes/, /a value/],
    ['end + 1', 1, /"end" comes/, /in double quotes/],
    ['case calls when 1 then 2 end', 6, /"calls" comes/, /when/],
    ['case when active then 1', 24, /the end/, /end/],
    ['9223372036854775808', 1, /out of range/, /INT64/],
    ['1e999', 1, /out of range/, /DOUBLE/],
    ["timestamp 'yesterday'", 11, /'yesterday' is no timestamp/, /ISO 8601/],
    ['usage + 1', 1, /no feature "usage"/, /one of calls, huge/],
    ['sum(calls)', 1, /no function sum/, /one of abs, floor/],
    ['ln()', 1, /ln has 0 arguments/, /ln\(number\)/],
    ['ln(1, 2)', 1, /ln has 2 arguments/, /ln\(number\)/],
    ['if(active, 1)', 1, /if has 2 arguments/, /if\(condition, value, otherwise\)/],
    ['1 + plan', 5, /one side of "\+" is STRING/, /INT64 or DOUBLE/],
    ['active + 1', 1, /one side of "\+" is BOOL/, /INT64 or DOUBLE/],
    ['joined_at - joined_at', 1, /is TIMESTAMP/, /INT64 or DOUBLE/],
    ['plan = 1', 8, /the sides of "=" are STRING and INT64/, /one type/],
    ["plan < 'b'", 1, /one side of "<" is STRING/, /INT64 or DOUBLE or TIMESTAMP/],
    ['not calls', 5, /is INT64/, /BOOL/],
    ['calls and active', 1, /one side of and is INT64/, /BOOL/],
    ['-plan', 2, /is STRING/, /INT64 or DOUBLE/],
    ["if(active, 1, 'a')", 15, /the results are INT64 and STRING/, /one type/],
    ['if(calls, 1, 2)', 4, /the condition is INT64/, /BOOL/],
    ["coalesce(calls, 'a')", 17, /the arguments of coalesce are INT64 and STRING/, /one type/],
    ["calls in (1, 'a')", 14, /the value and the list are INT64 and STRING/, /one type/],
    ['lower(calls)', 7, /is INT64/, /STRING/],
    ['days_between(calls, joined_at)', 14, /is INT64/, /TIMESTAMP/],
    ['bucket(calls, minutes)', 15, /no written number/, /such as 10/],
    ['bucket(calls, 10, 5)', 19, /do not rise/, /greater than 10/],
    ['round(minutes, calls)', 16, /no number of places/, /0 to 15/],
    ['round(minutes, 16)', 16, /no number of places/, /0 to 15/],
    ['null', 1, /always null/, /has a type/],
    ['coalesce(null, null)', 1, /always null/, /has a type/],
    [`${'('.repeat(40)}calls${')'.repeat(40)}`, 33, /deeper than 32/, /fewer/],
    [`${'- '.repeat(40)}calls`, 65, /deeper than 32/, /fewer/],
    [`calls${' + 1'.repeat(300)}`, 1005, /longer than 500/, /shorter/],
    ["plan = 'a\0'", 10, /NUL/, /Unicode/],
    ["plan = '\ud800'", 9, /surrogate/, /Unicode/],
    [`calls${' '.repeat(2000)}`, 2001, /has 2005 characters/, /at most 2000/],
  ])('%#, at %i', (text, position, problem, expected) => {
    const { message, details, field, code } = refusal(text);
    expect({ position: details.position, code, field }).toEqual({
      position,
      code: 'INVALID_INPUT',
      field: ['input', 'onDemandFeatures', '0', 'expression'],
    });
    expect(message).toMatch(problem);
    expect(details.expected).toMatch(expected);
  });

  it('is answered with the place, the problem and the way out', () => {
    expect(refusal('calls + plan').message).toBe(
      'onDemandFeatures.0.expression, character 9: one side of "+" is STRING; expected INT64 or DOUBLE',
    );
  });
});
