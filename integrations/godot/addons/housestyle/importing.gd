@tool
extends RefCounted
## Pictures of the studio become files of the project, and are replaced by newer ones.

const ImportSettings := preload("import_settings.gd")
const Manifest := preload("manifest.gd")
const Studio := preload("studio.gd")

const NAME_LENGTH: int = 48

var _studio: Studio
var _new: PackedStringArray = []
var _replaced: PackedStringArray = []


func _init(studio: Studio) -> void:
	_studio = studio


## Import a picture into a folder, unless the project has it. "", or what went wrong.
func bring(picture: Dictionary, folder: String, look: String) -> String:
	if picture["kind"] == "tileset":
		return await _bring_tileset(picture, folder, look)
	if Manifest.new().has(picture["id"], "picture"):
		return ""
	var path: String = _free_path(picture, folder)
	var entry: Dictionary = entry_for(picture, "picture", look, 0)
	return await _fetch(address_there(picture, "picture"), path, entry)


## Replace a file by the studio's newest. "", or what went wrong; the file is then as it was.
func renew(path: String, before: Dictionary, details: Dictionary) -> String:
	var role: String = before["role"]
	var entry: Dictionary = entry_for(details, role, before["look"], before["cell"])
	return await _fetch(address_there(details, role), path, entry)


## Let Godot import what came. To be called once, after all of it.
func show() -> void:
	var files: EditorFileSystem = EditorInterface.get_resource_filesystem()
	if not _replaced.is_empty():
		files.reimport_files(_replaced)
	if not _new.is_empty():
		files.scan()
	_new.clear()
	_replaced.clear()


## The studio's hash of a picture's file in a role, "" where it has none.
static func hash_there(details: Dictionary, role: String) -> String:
	if role == "picture":
		return text_of(details.get("hash"))
	for file: Dictionary in details.get("files", []):
		if file["role"] == role:
			return text_of(file["hash"])
	return ""


static func address_there(details: Dictionary, role: String) -> String:
	if role == "picture":
		return text_of(details.get("picture"))
	return "%s/assets/%s/files/%s" % [Studio.API, str(details["id"]).uri_encode(), role]


## What the manifest says of a file.
static func entry_for(picture: Dictionary, role: String, look: String, cell: int) -> Dictionary:
	var recipe: Dictionary = picture["recipe"] if picture.get("recipe") is Dictionary else {}
	return {
		"picture": picture["id"],
		"role": role,
		"style": text_of(picture.get("style")),
		"version": int(picture.get("version", 0)),
		"seed": null if picture.get("seed") == null else int(picture["seed"]),
		"hash": hash_there(picture, role),
		"look": look,
		"cell": cell,
		"seamless": text_of(recipe.get("seamless")),
	}


## A tileset's sheet, and its TileSet with all terrains.
func _bring_tileset(asset: Dictionary, folder: String, look: String) -> String:
	if Manifest.new().has(asset["id"], "sheet"):
		return ""
	var route: String = "/tilesets/" + str(asset["id"]).uri_encode()
	var about: Dictionary = await _studio.ask(route)
	var details: Dictionary = await _studio.ask("/assets/" + str(asset["id"]).uri_encode())
	var zipped: Dictionary = await _studio.bytes_of(Studio.API + route + "/file?format=godot")
	for answer: Dictionary in [about, details, zipped]:
		if not str(answer["trouble"]).is_empty():
			return answer["trouble"]
	var path: String = _free_path(asset, folder)
	var settings: Dictionary = about["data"]["settings"]
	var entry: Dictionary = entry_for(details["data"], "sheet", look, int(settings["size"]))
	var trouble: String = await _fetch(address_there(details["data"], "sheet"), path, entry)
	return trouble if not trouble.is_empty() else _unpack_tile_set(zipped["body"], path)


## Write the zip's TileSet beside its sheet, and have it name the sheet where it lies.
func _unpack_tile_set(zipped: PackedByteArray, sheet: String) -> String:
	var place: String = OS.get_cache_dir().path_join("housestyle-tileset.zip")
	var trouble: String = _write(place, zipped)
	if not trouble.is_empty():
		return trouble
	var zip: ZIPReader = ZIPReader.new()
	if zip.open(place) != OK:
		return "The tileset's files arrived damaged. Try again."
	var resource: String = ""
	var image: String = ""
	for name: String in zip.get_files():
		if name.ends_with(".tres"):
			resource = zip.read_file(name).get_string_from_utf8()
			image = name.trim_suffix(".tres") + ".png"
	zip.close()
	DirAccess.remove_absolute(place)
	if resource.is_empty():
		return "The studio sent no TileSet for Godot."
	var text: String = resource.replace("\"res://%s\"" % image, "\"%s\"" % sheet)
	var path: String = sheet.trim_suffix(".png") + ".tres"
	_new.append(path)
	return _write(path, text.to_utf8_buffer())


## Get a file, see that it is what the studio says, and put it in its place with its entry.
func _fetch(address: String, path: String, entry: Dictionary) -> String:
	if address.is_empty():
		return "The studio has no file of %s." % path.get_file()
	var answer: Dictionary = await _studio.bytes_of(address)
	if not str(answer["trouble"]).is_empty():
		return answer["trouble"]
	if Manifest.hash_of_bytes(answer["body"]) != entry["hash"]:
		return "%s arrived damaged, or changed meanwhile. Try again." % path.get_file()
	DirAccess.make_dir_recursive_absolute(path.get_base_dir())
	var is_new: bool = not FileAccess.file_exists(path)
	if is_new and ImportSettings.declare(path, entry["look"]) != OK:
		return "How %s is imported can't be written." % path
	var trouble: String = _write(path, answer["body"])
	if not trouble.is_empty():
		return trouble
	if is_new:
		_new.append(path)
	else:
		_replaced.append(path)
	# Read anew: something may have been moved while the file was on its way.
	var manifest: Manifest = Manifest.new()
	manifest.forget_missing(entry["picture"])
	manifest.put(path, entry)
	return manifest.write()


## Write a file aside, then rename it.
static func _write(path: String, bytes: PackedByteArray) -> String:
	var aside: String = path + ".new"
	var file: FileAccess = FileAccess.open(aside, FileAccess.WRITE)
	if file == null:
		return "%s can't be written: %s." % [path, error_string(FileAccess.get_open_error())]
	file.store_buffer(bytes)
	file.close()
	var error: Error = DirAccess.rename_absolute(aside, path)
	return "" if error == OK else "%s can't be written: %s." % [path, error_string(error)]


## Where a picture goes: by its name and variant, else by its prompt; with its id where that is
## taken.
static func _free_path(picture: Dictionary, folder: String) -> String:
	var called: String = text_of(picture.get("name"))
	if called.is_empty():
		called = text_of(picture.get("prompt"))
	var base: String = _file_name(called)
	var variant: int = int(picture.get("variant", 1))
	if variant > 1:
		base += "_%d" % variant
	var path: String = folder.path_join(base + ".png")
	if FileAccess.file_exists(path):
		path = folder.path_join("%s_%s.png" % [base, str(picture["id"]).left(6)])
	return path


## Small letters, digits and _, so that every system takes it.
static func _file_name(called: String) -> String:
	var parts: PackedStringArray = []
	var part: String = ""
	for letter: String in called.to_lower() + " ":
		if letter in "abcdefghijklmnopqrstuvwxyz0123456789":
			part += letter
		elif not part.is_empty():
			parts.append(part)
			part = ""
	var name: String = "_".join(parts).left(NAME_LENGTH).trim_suffix("_")
	return name if not name.is_empty() else "picture"


## A value of the studio as text, "" for null.
static func text_of(value: Variant) -> String:
	return "" if value == null else str(value)
