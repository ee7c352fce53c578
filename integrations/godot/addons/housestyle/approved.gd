@tool
extends VBoxContainer
## What is approved in the studio, to be looked through and imported.

signal said(sentence: String)
signal brought

const Importing := preload("importing.gd")
const Manifest := preload("manifest.gd")
const Studio := preload("studio.gd")

const AT_ONCE: int = 4  # thumbnails
const PAGE: int = 60
const SIDE: int = 96  # pixels of a thumbnail, at the editor's scale of 1
const DAY: int = 86400  # seconds
const KEPT: String = "housestyle"  # section of what the editor keeps for this project
const KINDS: Dictionary = {"Pictures": "picture", "Tilesets": "tileset"}
const LOOKS: Array[String] = ["pixel art", "smooth"]
const SINCE: Dictionary = {
	"Any time": "",
	"Since my last import": "last",
	"Last 24 hours": "1",
	"Last 7 days": "7",
	"Last 30 days": "30",
}

var _studio: Studio
var _styles: OptionButton
var _kinds: OptionButton
var _since: OptionButton
var _category: LineEdit
var _seen: MenuButton
var _list: ItemList
var _more: Button
var _folder: LineEdit
var _looks: OptionButton
var _import: Button
var _dialog: FileDialog
var _next: String = ""
var _turn: int = 0
var _waiting: Array[int] = []
var _categories: Dictionary = {}


func _init(studio: Studio) -> void:
	_studio = studio


func _ready() -> void:
	_styles = _added_choice(["Every style"])
	_kinds = _added_choice(KINDS.keys())
	_add_category()
	_since = _added_choice(SINCE.keys())
	_add_list()
	_more = _added_button("Show more", _load_page)
	_more.visible = false
	_add_folder()
	_looks = OptionButton.new()
	for look: String in LOOKS:
		_looks.add_item("Import as " + look)
	_looks.selected = maxi(0, LOOKS.find(_kept("look", LOOKS[0])))
	add_child(_looks)
	_import = _added_button("Import", _on_import)


## Ask for the styles, then show what is approved.
func begin() -> void:
	var known: String = _chosen(_styles) if _styles.selected > 0 else ""
	_styles.clear()
	_styles.add_item("Every style")
	var after: String = ""
	while true:
		var answer: Dictionary = await _studio.ask("/styles", {"limit": 200, "cursor": after})
		said.emit(answer["trouble"])
		if not str(answer["trouble"]).is_empty():
			return
		for style: Dictionary in answer["data"]["items"]:
			_styles.add_item(style["style"])
			if style["style"] == known:
				_styles.selected = _styles.item_count - 1
		if answer["data"]["next"] == null:
			break
		after = answer["data"]["next"]
	_show_from_start()


func _show_from_start() -> void:
	_turn += 1
	_next = ""
	_waiting.clear()
	_list.clear()
	_load_page()


func _load_page() -> void:
	var turn: int = _turn
	_more.disabled = true
	var answer: Dictionary = await _studio.ask("/assets", _filters())
	if turn != _turn:
		return
	_more.disabled = false
	said.emit(answer["trouble"])
	if not str(answer["trouble"]).is_empty():
		return
	var page: Dictionary = answer["data"]
	for picture: Dictionary in page["items"]:
		_add_picture(picture)
	_next = "" if page["next"] == null else str(page["next"])
	_more.visible = not _next.is_empty()
	if _list.item_count == 0:
		said.emit("Nothing approved fits these choices.")
	for _line: int in AT_ONCE:
		_load_thumbnails(turn)


func _filters() -> Dictionary:
	var since: String = SINCE[_chosen(_since)]
	if since == "last":
		since = _kept("last", "")
	elif not since.is_empty():
		var moment: int = int(Time.get_unix_time_from_system()) - int(since) * DAY
		since = Time.get_datetime_string_from_unix_time(moment) + "Z"
	return {
		"verdict": "approved",
		"kind": KINDS[_chosen(_kinds)],
		"style": _chosen(_styles) if _styles.selected > 0 else "",
		"category": _category.text.strip_edges(),
		"since": since,
		"limit": PAGE,
		"cursor": _next,
	}


func _add_picture(picture: Dictionary) -> void:
	var prompt: String = Importing.text_of(picture["prompt"])
	var called: String = Importing.text_of(picture["name"])
	var index: int = _list.add_item(called if not called.is_empty() else prompt)
	_list.set_item_metadata(index, picture)
	_list.set_item_tooltip(
		index,
		(
			"%s\n%s version %d, seed %s, %s x %s"
			% [
				prompt,
				picture["style"],
				int(picture["version"]),
				"none" if picture["seed"] == null else str(int(picture["seed"])),
				_number(picture["width"]),
				_number(picture["height"]),
			]
		)
	)
	_waiting.append(index)
	var category: String = Importing.text_of(picture["category"])
	if not category.is_empty() and not _categories.has(category):
		_categories[category] = true
		_seen.get_popup().add_item(category)


func _load_thumbnails(turn: int) -> void:
	while not _waiting.is_empty() and turn == _turn:
		var index: int = _waiting.pop_front()
		var picture: Dictionary = _list.get_item_metadata(index)
		if picture["thumbnail"] == null:
			continue
		var answer: Dictionary = await _studio.bytes_of(picture["thumbnail"])
		var image: Image = _image_of(answer)
		if turn == _turn and image != null:
			_list.set_item_icon(index, ImageTexture.create_from_image(image))


## A thumbnail as an image, null where it is none.
func _image_of(answer: Dictionary) -> Image:
	if not str(answer["trouble"]).is_empty():
		return null
	var image: Image = Image.new()
	var error: Error = FAILED
	match answer["type"]:
		"image/png":
			error = image.load_png_from_buffer(answer["body"])
		"image/webp":
			error = image.load_webp_from_buffer(answer["body"])
		"image/jpeg":
			error = image.load_jpg_from_buffer(answer["body"])
	return image if error == OK else null


func _on_import() -> void:
	var folder: String = _folder.text.strip_edges()
	var chosen: PackedInt32Array = _list.get_selected_items()
	if not folder.begins_with("res://"):
		said.emit("Choose a folder of this project, as res://art.")
		return
	if chosen.is_empty():
		said.emit("Select what is to be imported.")
		return
	var pictures: Array[Dictionary] = []
	for index: int in chosen:
		pictures.append(_list.get_item_metadata(index))
	_keep("folder", folder)
	_keep("look", LOOKS[_looks.selected])
	_import.disabled = true
	await _bring(pictures, folder)
	_import.disabled = false


func _bring(pictures: Array[Dictionary], folder: String) -> void:
	var manifest: Manifest = Manifest.new()
	if not manifest.trouble.is_empty():
		said.emit(manifest.trouble)
		return
	var importing: Importing = Importing.new(_studio)
	var newest: String = _kept("last", "")
	var troubles: PackedStringArray = []
	for picture: Dictionary in pictures:
		said.emit("Importing %s ..." % picture["id"])
		var look: String = LOOKS[_looks.selected]
		var trouble: String = await importing.bring(picture, folder, look)
		if trouble.is_empty():
			newest = later(newest, str(picture["changed_at"]))
		else:
			troubles.append(trouble)
	importing.show()
	_keep("last", newest)
	brought.emit()
	if troubles.is_empty():
		said.emit("Imported %d into %s." % [pictures.size(), folder])
	else:
		troubles.insert(0, "%d of %d were not imported:" % [troubles.size(), pictures.size()])
		said.emit("\n".join(troubles))


## The later of two moments as the studio writes them.
static func later(one: String, other: String) -> String:
	return one if one > other else other


func _add_category() -> void:
	var row: HBoxContainer = HBoxContainer.new()
	_category = LineEdit.new()
	_category.placeholder_text = "Every category"
	_category.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_category.text_submitted.connect(_on_category)
	row.add_child(_category)
	_seen = MenuButton.new()
	_seen.text = "Seen"
	_seen.tooltip_text = "Categories of what was shown so far."
	_seen.get_popup().index_pressed.connect(_on_seen)
	row.add_child(_seen)
	add_child(row)


func _on_category(_text: String) -> void:
	_show_from_start()


func _on_seen(index: int) -> void:
	_category.text = _seen.get_popup().get_item_text(index)
	_show_from_start()


func _add_list() -> void:
	var side: int = int(SIDE * EditorInterface.get_editor_scale())
	_list = ItemList.new()
	_list.select_mode = ItemList.SELECT_MULTI
	_list.icon_mode = ItemList.ICON_MODE_TOP
	_list.fixed_icon_size = Vector2i(side, side)
	_list.fixed_column_width = side + 16
	_list.max_columns = 0
	_list.max_text_lines = 2
	_list.same_column_width = true
	_list.size_flags_vertical = Control.SIZE_EXPAND_FILL
	# So that pixel art is shown as it is.
	_list.texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	add_child(_list)


func _add_folder() -> void:
	var row: HBoxContainer = HBoxContainer.new()
	_folder = LineEdit.new()
	_folder.text = _kept("folder", "res://art")
	_folder.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	row.add_child(_folder)
	var choose: Button = Button.new()
	choose.text = "Folder"
	choose.pressed.connect(_on_choose)
	row.add_child(choose)
	add_child(row)
	_dialog = FileDialog.new()
	_dialog.file_mode = FileDialog.FILE_MODE_OPEN_DIR
	_dialog.access = FileDialog.ACCESS_RESOURCES
	_dialog.dir_selected.connect(_on_folder)
	add_child(_dialog)


func _on_choose() -> void:
	_dialog.popup_centered_ratio(0.4)


func _on_folder(folder: String) -> void:
	_folder.text = folder


func _added_choice(choices: Array) -> OptionButton:
	var button: OptionButton = OptionButton.new()
	for choice: String in choices:
		button.add_item(choice)
	button.item_selected.connect(_on_choice)
	add_child(button)
	return button


func _on_choice(_index: int) -> void:
	_show_from_start()


func _added_button(text: String, action: Callable) -> Button:
	var button: Button = Button.new()
	button.text = text
	button.pressed.connect(action)
	add_child(button)
	return button


func _chosen(button: OptionButton) -> String:
	return button.get_item_text(button.selected)


## What the editor keeps of this project, outside of it.
func _kept(key: String, otherwise: String) -> String:
	var settings: EditorSettings = EditorInterface.get_editor_settings()
	return settings.get_project_metadata(KEPT, key, otherwise)


func _keep(key: String, value: String) -> void:
	EditorInterface.get_editor_settings().set_project_metadata(KEPT, key, value)


static func _number(value: Variant) -> String:
	return "?" if value == null else str(int(value))
