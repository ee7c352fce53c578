@tool
extends VBoxContainer
## The panel: the connection, what is approved, what changed, and what the selected file is.

const Approved := preload("approved.gd")
const Changes := preload("changes.gd")
const Connection := preload("connection.gd")
const ImportSettings := preload("import_settings.gd")
const Manifest := preload("manifest.gd")
const Studio := preload("studio.gd")

const LOOK_AGAIN: float = 0.5  # seconds until the selection is looked at again

var _studio: Studio
var _address: LineEdit
var _token: LineEdit
var _who: Label
var _nearest: Button
var _approved: Approved
var _selected: Label
var _page: LinkButton
var _said: Label
var _last_selection: PackedStringArray = []


func _ready() -> void:
	_studio = Studio.new()
	add_child(_studio)
	_add_connection()
	_nearest = _added_button("Draw this project's textures by nearest pixel", _on_nearest)
	_nearest.tooltip_text = "Pixel art needs it. It is the project's default texture filter."
	_nearest.visible = not ImportSettings.project_is_nearest()
	var tabs: TabContainer = TabContainer.new()
	tabs.size_flags_vertical = Control.SIZE_EXPAND_FILL
	add_child(tabs)
	_approved = Approved.new(_studio)
	_approved.name = "Approved"
	_approved.said.connect(say)
	_approved.brought.connect(_show_selected)
	tabs.add_child(_approved)
	var changes: Changes = Changes.new(_studio)
	changes.name = "In this project"
	changes.said.connect(say)
	changes.updated.connect(_show_selected)
	tabs.add_child(changes)
	_selected = _added_label()
	_page = LinkButton.new()
	_page.text = "Its page in the studio"
	_page.visible = false
	add_child(_page)
	_said = _added_label()
	var timer: Timer = Timer.new()
	timer.wait_time = LOOK_AGAIN
	timer.autostart = true
	timer.timeout.connect(_look_at_selection)
	add_child(timer)
	if not Connection.address().is_empty():
		_connect_studio()


## Show a sentence at the panel's foot; "" changes nothing.
func say(sentence: String) -> void:
	if not sentence.is_empty():
		_said.text = sentence


func _add_connection() -> void:
	_address = LineEdit.new()
	_address.placeholder_text = "https://studio.example.com"
	_address.text = Connection.address()
	add_child(_address)
	_token = LineEdit.new()
	_token.placeholder_text = "Token (a viewer's will do)"
	_token.tooltip_text = "Kept in this editor's settings, not in the project."
	_token.secret = true
	_token.text = Connection.token()
	add_child(_token)
	_added_button("Connect", _on_connect)
	_who = _added_label()


func _added_button(text: String, action: Callable) -> Button:
	var button: Button = Button.new()
	button.text = text
	button.pressed.connect(action)
	add_child(button)
	return button


func _added_label() -> Label:
	var label: Label = Label.new()
	label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	add_child(label)
	return label


func _on_connect() -> void:
	Connection.keep(_address.text, _token.text)
	_connect_studio()


func _connect_studio() -> void:
	_who.text = "Connecting ..."
	var answer: Dictionary = await _studio.ask("/me")
	var trouble: String = answer["trouble"]
	if trouble.is_empty():
		var me: Dictionary = answer["data"]
		# Without sign-in there is one person, with no role.
		_who.text = ("Connected as %s %s" % [me["name"], me["role"]]).strip_edges() + "."
		_approved.begin()
	else:
		_who.text = trouble


func _on_nearest() -> void:
	if ImportSettings.make_project_nearest() == OK:
		_nearest.visible = false
	else:
		say("project.godot can't be written.")


func _look_at_selection() -> void:
	var selection: PackedStringArray = EditorInterface.get_selected_paths()
	if selection != _last_selection:
		_last_selection = selection
		_show_selected()


## Say which picture, version and seed made the file that is selected in the FileSystem dock.
func _show_selected() -> void:
	_selected.text = ""
	_page.visible = false
	if _last_selection.size() != 1:
		return
	var path: String = _last_selection[0]
	var entry: Dictionary = Manifest.new().entry_of(path)
	if entry.is_empty():
		return
	var seed_text: String = "none" if entry["seed"] == null else str(entry["seed"])
	_selected.text = (
		"%s: %s version %d, seed %s, picture %s"
		% [path.get_file(), entry["style"], entry["version"], seed_text, entry["picture"]]
	)
	_page.uri = Connection.address() + "/Picture?id=" + str(entry["picture"])
	_page.visible = true
	if Manifest.hash_of(path) != entry["hash"]:
		_selected.text += ", edited by hand since"
