@tool
extends VBoxContainer
## What changed in the studio of the files that this project has, and the update.

signal said(sentence: String)
signal updated

const Importing := preload("importing.gd")
const Manifest := preload("manifest.gd")
const Rules := preload("rules.gd")
const Studio := preload("studio.gd")

var _studio: Studio
var _look: Button
var _tree: Tree
var _update: Button
var _details: Dictionary = {}


func _init(studio: Studio) -> void:
	_studio = studio


func _ready() -> void:
	_look = _added_button("Look for changes", _on_look)
	_tree = Tree.new()
	_tree.columns = 2
	_tree.hide_root = true
	_tree.size_flags_vertical = Control.SIZE_EXPAND_FILL
	add_child(_tree)
	_update = _added_button("Update what changed", _on_update)
	_update.disabled = true


func _added_button(text: String, action: Callable) -> Button:
	var button: Button = Button.new()
	button.text = text
	button.pressed.connect(action)
	add_child(button)
	return button


func _on_look() -> void:
	_look.disabled = true
	await _compare()
	_look.disabled = false


## Ask the studio for every picture of the manifest, and list what is not as it was.
func _compare() -> void:
	_tree.clear()
	_update.disabled = true
	var manifest: Manifest = Manifest.new()
	if not manifest.trouble.is_empty():
		said.emit(manifest.trouble)
		return
	var ids: Dictionary = {}
	for path: String in manifest.entries:
		ids[manifest.entries[path]["picture"]] = true
	said.emit("Asking for %d pictures ..." % ids.size())
	var answers: Dictionary = await _studio.details_of(ids.keys())
	_details.clear()
	for id: String in answers:
		var answer: Dictionary = answers[id]
		# Only a studio that answers "not found" says that a picture is gone.
		if int(answer["status"]) != 404 and not str(answer["trouble"]).is_empty():
			said.emit(answer["trouble"])
			return
		_details[id] = answer["data"]
	var root: TreeItem = _tree.create_item()
	var count: int = 0
	for path: String in manifest.entries:
		var entry: Dictionary = manifest.entries[path]
		var outcome: String = _outcome_of(entry, "res://" + path)
		if outcome != "current":
			_add_row(root, path, outcome)
			count += 1
	_update.disabled = count == 0
	said.emit("%d of %d files are not as they were." % [count, manifest.entries.size()])


func _outcome_of(entry: Dictionary, path: String) -> String:
	if not _details.has(entry["picture"]):
		return "current"  # imported after the studio was asked
	var details: Dictionary = _details[entry["picture"]]
	var there: String = Importing.hash_there(details, entry["role"])
	var approved: bool = details.get("verdict") == "approved"
	return Rules.outcome(entry["hash"], Manifest.hash_of(path), there, approved)


func _add_row(root: TreeItem, path: String, outcome: String) -> void:
	var row: TreeItem = _tree.create_item(root)
	row.set_text(0, path)
	row.set_text(1, Rules.SAYS[outcome])
	row.set_tooltip_text(1, Rules.SAYS[outcome])
	row.set_metadata(0, path)
	row.set_metadata(1, outcome)
	if outcome in Rules.DONE or outcome in Rules.ASKED:
		row.set_cell_mode(0, TreeItem.CELL_MODE_CHECK)
		row.set_editable(0, true)
		row.set_checked(0, outcome in Rules.DONE)


func _on_update() -> void:
	_update.disabled = true
	var told: String = await _renew()
	await _compare()
	said.emit(told)


## Do what is ticked, and say how it went.
func _renew() -> String:
	var importing: Importing = Importing.new(_studio)
	var troubles: PackedStringArray = []
	var count: int = 0
	for row: TreeItem in _tree.get_root().get_children():
		if not row.is_checked(0):
			continue
		var trouble: String = await _renew_row(row, importing)
		if trouble.is_empty():
			count += 1
		else:
			troubles.append(trouble)
	importing.show()
	updated.emit()
	troubles.insert(0, "Done: %d." % count)
	return "\n".join(troubles)


func _renew_row(row: TreeItem, importing: Importing) -> String:
	var manifest: Manifest = Manifest.new()
	if not manifest.trouble.is_empty():
		return manifest.trouble
	var path: String = "res://" + str(row.get_metadata(0))
	var entry: Dictionary = manifest.entry_of(path)
	# It is looked at once more: somebody may have edited the file since it was listed.
	var outcome: String = "" if entry.is_empty() else _outcome_of(entry, path)
	if outcome != row.get_metadata(1):
		return "%s changed since it was listed." % path
	if outcome == "missing":
		manifest.forget(path)
		return manifest.write()
	return await importing.renew(path, entry, _details[entry["picture"]])
