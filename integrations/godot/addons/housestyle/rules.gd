@tool
extends RefCounted
## What happens to a file of the project when the studio is looked at again.
##
## The Unity package has the same table; a test compares both.

## By what happened to the file here, then to its picture in the studio.
const OUTCOMES: Dictionary = {
	"untouched":
	{
		"same": "current",
		"changed": "replace",
		"unapproved": "unapproved",
		"gone": "gone",
	},
	"edited":
	{
		"same": "edited",
		"changed": "conflict",
		"unapproved": "unapproved",
		"gone": "gone",
	},
	"renewed":
	{
		"same": "record",
		"changed": "record",
		"unapproved": "unapproved",
		"gone": "gone",
	},
	"missing":
	{
		"same": "missing",
		"changed": "missing",
		"unapproved": "missing",
		"gone": "missing",
	},
}

## What a person reads of each outcome.
const SAYS: Dictionary = {
	"current": "Up to date",
	"replace": "Changed in the studio",
	"record": "Already has the studio's newest; the manifest will say so",
	"edited": "Edited by hand; nothing new in the studio",
	"conflict": "Edited by hand, and changed in the studio: tick it to lose the edit",
	"missing": "Not in the project any more: tick it to forget it",
	"unapproved": "No longer approved in the studio",
	"gone": "Not in the studio any more",
}

## Done by Update what changed without asking.
const DONE: Array[String] = ["replace", "record"]
## Done only for a file that a person ticks.
const ASKED: Array[String] = ["conflict", "missing"]
## Shown, and left alone.
const WARNED: Array[String] = ["edited", "unapproved", "gone"]


## What happened to the file here: its hash as the manifest knows it, as it is now ("": no file),
## and that of the studio's file ("": none).
static func file_state(known: String, here: String, there: String) -> String:
	if here.is_empty():
		return "missing"
	if here == known:
		return "untouched"
	if here == there:
		return "renewed"
	return "edited"


## What happened to the picture in the studio: the manifest's hash and the studio's ("": the
## picture or its file is gone), and whether it is approved.
static func picture_state(known: String, there: String, approved: bool) -> String:
	if there.is_empty():
		return "gone"
	if not approved:
		return "unapproved"
	return "same" if there == known else "changed"


static func outcome(known: String, here: String, there: String, approved: bool) -> String:
	var of_file: Dictionary = OUTCOMES[file_state(known, here, there)]
	return of_file[picture_state(known, there, approved)]
