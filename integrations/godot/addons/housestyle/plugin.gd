@tool
extends EditorPlugin
## Puts the panel into a dock, and keeps the manifest right when files are moved in the editor.

const Connection := preload("connection.gd")
const Dock := preload("dock.gd")
const Manifest := preload("manifest.gd")

var _dock: Dock


func _enter_tree() -> void:
	Connection.declare()
	_dock = Dock.new()
	_dock.name = "Housestyle"
	add_control_to_dock(DOCK_SLOT_RIGHT_UL, _dock)
	var files: FileSystemDock = EditorInterface.get_file_system_dock()
	files.files_moved.connect(_on_file_moved)
	files.folder_moved.connect(_on_folder_moved)


func _exit_tree() -> void:
	var files: FileSystemDock = EditorInterface.get_file_system_dock()
	files.files_moved.disconnect(_on_file_moved)
	files.folder_moved.disconnect(_on_folder_moved)
	remove_control_from_docks(_dock)
	_dock.queue_free()


func _on_file_moved(old: String, now: String) -> void:
	var manifest: Manifest = Manifest.new()
	if manifest.move(old, now):
		_dock.say(manifest.write())


func _on_folder_moved(old: String, now: String) -> void:
	var manifest: Manifest = Manifest.new()
	if manifest.move_folder(old, now):
		_dock.say(manifest.write())
