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
	files.file_removed.connect(_on_file_removed)
	files.folder_removed.connect(_on_folder_removed)


func _exit_tree() -> void:
	var files: FileSystemDock = EditorInterface.get_file_system_dock()
	files.files_moved.disconnect(_on_file_moved)
	files.folder_moved.disconnect(_on_folder_moved)
	files.file_removed.disconnect(_on_file_removed)
	files.folder_removed.disconnect(_on_folder_removed)
	remove_control_from_docks(_dock)
	_dock.queue_free()


func _on_file_moved(old: String, now: String) -> void:
	var manifest: Manifest = Manifest.new()
	_write(manifest, manifest.move(old, now))


func _on_folder_moved(old: String, now: String) -> void:
	var manifest: Manifest = Manifest.new()
	_write(manifest, manifest.move_folder(old, now))


func _on_file_removed(file: String) -> void:
	var manifest: Manifest = Manifest.new()
	_write(manifest, manifest.forget(file))


func _on_folder_removed(folder: String) -> void:
	var manifest: Manifest = Manifest.new()
	_write(manifest, manifest.forget_folder(folder))


func _write(manifest: Manifest, changed: bool) -> void:
	if changed:
		_dock.say(manifest.write())
