@tool
extends RefCounted
## What this project has of the studio: of each file its picture, version, seed and hash.
##
## It lies in the project as housestyle.json and belongs into version control. No address and no
## token stand in it. The Unity package keeps the same file.

const PATH: String = "res://housestyle.json"
const SCHEMA: int = 1

## Entries by path, without res://. Of each: path, picture (its id), role, style, version, seed
## (null: none), hash (SHA-256 of the file as it was imported), look ("pixel art" or "smooth"),
## cell (pixels of a tile, 0: no tiles) and seamless ("both", "x", "y" or "").
var entries: Dictionary = {}
## Why the file can't be used; nothing is then written over it.
var trouble: String = ""


## As the file is now.
func _init() -> void:
	if not FileAccess.file_exists(PATH):
		return
	var json: JSON = JSON.new()
	if json.parse(FileAccess.get_file_as_string(PATH)) != OK:
		trouble = (
			"%s is no JSON (line %d). Mend it, or take it from version control."
			% [PATH, json.get_error_line()]
		)
		return
	var said: Dictionary = json.data if json.data is Dictionary else {}
	if int(said.get("schema", 0)) != SCHEMA:
		trouble = "%s is of another version of this panel. Update the addon." % PATH
		return
	for entry: Dictionary in said.get("files", []):
		# Godot reads every number as a fraction: 3 would be written as 3.0.
		for number: String in ["version", "seed", "cell"]:
			if entry.get(number) != null:
				entry[number] = int(entry[number])
		entries[entry["path"]] = entry


## Write it aside, then rename. "", or why it could not be written.
func write() -> String:
	if not trouble.is_empty():
		return trouble
	var paths: Array = entries.keys()
	paths.sort()
	var files: Array = []
	for path: String in paths:
		files.append(entries[path])
	var text: String = JSON.stringify({"schema": SCHEMA, "files": files}, "  ", true) + "\n"
	var aside: String = PATH + ".new"
	var file: FileAccess = FileAccess.open(aside, FileAccess.WRITE)
	if file == null:
		return "%s can't be written: %s." % [PATH, error_string(FileAccess.get_open_error())]
	file.store_string(text)
	file.close()
	var error: Error = DirAccess.rename_absolute(aside, PATH)
	return "" if error == OK else "%s can't be written: %s." % [PATH, error_string(error)]


## The entry of a file, {} for one that did not come from the studio.
func entry_of(path: String) -> Dictionary:
	return entries.get(path.trim_prefix("res://"), {})


## Say of a file where it came from.
func put(path: String, entry: Dictionary) -> void:
	var place: String = path.trim_prefix("res://")
	entry["path"] = place
	entries[place] = entry


## Whether the project has a picture's file.
func has(picture: String, role: String) -> bool:
	for path: String in entries:
		var entry: Dictionary = entries[path]
		if entry["picture"] == picture and entry["role"] == role:
			if FileAccess.file_exists("res://" + path):
				return true
	return false


## Whether a file was one of ours, which it is no more.
func forget(path: String) -> bool:
	return entries.erase(path.trim_prefix("res://"))


## Forget what a folder held. Whether any of ours lay in it.
func forget_folder(folder: String) -> bool:
	var inside: String = folder.trim_prefix("res://").trim_suffix("/") + "/"
	var held: bool = false
	for path: String in entries.keys():
		if path.begins_with(inside):
			held = forget(path) or held
	return held


## Forget where a picture was whose files are no more: it is imported anew.
func forget_missing(picture: String) -> void:
	for path: String in entries.keys():
		if entries[path]["picture"] == picture and not FileAccess.file_exists("res://" + path):
			forget(path)


## Follow a file that was moved. Whether it is one of ours.
func move(old: String, now: String) -> bool:
	var entry: Dictionary = entry_of(old)
	if entry.is_empty():
		return false
	entries.erase(old.trim_prefix("res://"))
	put(now, entry)
	return true


## Follow a folder that was moved. Whether any of ours lies in it.
func move_folder(old: String, now: String) -> bool:
	var before: String = old.trim_prefix("res://").trim_suffix("/") + "/"
	var after: String = now.trim_prefix("res://").trim_suffix("/") + "/"
	var moved: bool = false
	for path: String in entries.keys():
		if path.begins_with(before):
			moved = move(path, after + path.trim_prefix(before)) or moved
	return moved


## The hash of a file as it is now, "" where there is none.
static func hash_of(path: String) -> String:
	return FileAccess.get_sha256(path) if FileAccess.file_exists(path) else ""


static func hash_of_bytes(bytes: PackedByteArray) -> String:
	var context: HashingContext = HashingContext.new()
	context.start(HashingContext.HASH_SHA256)
	context.update(bytes)
	return context.finish().hex_encode()
