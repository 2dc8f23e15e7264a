/* SPDX-License-Identifier: MIT */
/* The JSON form of a plan. Version 1:
 *
 *	{ "version": 1, "actions": [ACTION, …], "outputs": { "default": 41, "raw": 39, … } }
 *
 * outputs maps names to indices into actions; "default" is always there. Every ACTION has
 *
 *	"kind": "fetch" | "unpack" | "glob" | "file" | "merge" | "debian" | "filter" | "run" | "pack" | "test"
 *	"name": "curl-8.8.0"      for people; optional, default ""; never in a key
 *	"where": "curl.lua:14"    for people; optional, default ""; never in a key
 *	"inputs": [["role", index], …]   optional, default []; each index smaller than the action's own
 *
 * and, by kind (? marks what may be left out; the roles are plan.h's, ? * + as there):
 *
 *	fetch   urls: [string+] (not in the key), sha256: hex
 *	unpack  strip?: integer ≥ 0 (0), single?: string          inputs: artifact (a fetch)
 *	glob    from: "recipe" | "library", dir: clean relative path or ".", patterns: [string+]
 *	file    path: clean relative path, text: string | link: string, executable?: bool (false)
 *	merge                                                     inputs: tree+
 *	debian                                                    inputs: package+, file*
 *	filter  include?: [string] (everything), exclude?: [string] (nothing)   inputs: tree
 *	run     script: [string+], env?: {NAME: string}, network?: bool, output?: hex,
 *	        limits?: {wall?, silence? (seconds), memory?, disk?, log? (bytes)}
 *	                                                          inputs: base, prefix?, src?
 *	pack    env?: [{verb: "default"|"set"|"prepend"|"append"|"unset", name, value?, separator?}],
 *	        libs?: [string], main?: string                    inputs: tree, prefix?, base?, runtime*
 *	test    steps: [{argv: [string+], env?: {NAME: string}, match?: string, exit?: integer (0)}+]
 *	                                                          inputs: tree
 *
 * Every input but unpack's artifact must be an action whose output is a tree (all but fetch).
 */
