import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalWords } from '../src/canonical-words.ts'
import { helpAsked } from '../src/help-asked.ts'
import { registry } from '../src/registry/index.ts'

test('help is asked for by a word before the command, by one behind its noun, or by the option, and nothing of it is ever run', () => {
  for (const [asked, means] of [
    ['help', '--help'],
    ['help help', '--help'],
    ['help --json', '--help'],
    ['help env', 'env --help'],
    ['env help', 'env --help'],
    ['env help set', 'env set --help'],
    ['env draft help new', 'env draft new --help'],
    ['help env rm shop/dev', 'env rm --help'],
    ['env rm --yes shop/dev --help', 'env rm --help'],
    ['help run -- rm -rf .', 'run --help'],
    ['run shop/dev --help -- rm -rf .', 'run --help'],
    // What is not there is complained of by the parser, which finds no command to run either.
    ['help env gte', 'env gte'],
    ['help depoly', 'depoly'],
    ['depoly -h', 'depoly'],
  ]) {
    assert.equal(helpAsked((asked ?? '').split(' '), registry).join(' '), means, asked)
  }
})

test('a word that is no question for help stays what it is', () => {
  for (const line of [
    '',
    'env rm help',
    'env get shop/dev help',
    'run shop/dev -- program --help',
    'run -- help',
    '--help',
    'env ls --project help',
  ]) {
    assert.equal(helpAsked(line.split(' '), registry).join(' '), line)
  }
})

test('list is taken for ls wherever there is one, and stays a name everywhere else', () => {
  for (const [typed, means] of [
    ['env list --project shop', 'env ls --project shop'],
    ['env webhook list shop/dev', 'env webhook ls shop/dev'],
    ['release list', 'release ls'],
    ['help audit list', 'help audit ls'],
    ['env help list', 'env help ls'],
    ['env rm list', 'env rm list'],
    ['env ls list', 'env ls list'],
    ['run shop/dev -- env list', 'run shop/dev -- env list'],
    ['list', 'list'],
    ['secrets list', 'secrets list'],
  ]) {
    assert.equal(canonicalWords((typed ?? '').split(' '), registry).join(' '), means)
  }
  for (const { name } of registry) assert.ok(!name.split(' ').includes('list'), `${name}: the word is ls`)
})
