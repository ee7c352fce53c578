@tool
extends RefCounted
## Where the studio is, and the token to it: settings of this person's editor, never of a project.

const ADDRESS: String = "housestyle/connection/address"
const TOKEN: String = "housestyle/connection/token"


## Make both known to Editor Settings.
static func declare() -> void:
	var settings: EditorSettings = EditorInterface.get_editor_settings()
	for setting: String in [ADDRESS, TOKEN]:
		if not settings.has_setting(setting):
			settings.set_setting(setting, "")
		settings.set_initial_value(setting, "", false)
	settings.add_property_info(
		{"name": TOKEN, "type": TYPE_STRING, "hint": PROPERTY_HINT_PASSWORD}
	)


## As https://studio.example.com, without a slash at its end.
static func address() -> String:
	var settings: EditorSettings = EditorInterface.get_editor_settings()
	return str(settings.get_setting(ADDRESS)).strip_edges().trim_suffix("/")


static func token() -> String:
	return str(EditorInterface.get_editor_settings().get_setting(TOKEN)).strip_edges()


static func keep(new_address: String, new_token: String) -> void:
	var settings: EditorSettings = EditorInterface.get_editor_settings()
	settings.set_setting(ADDRESS, new_address.strip_edges())
	settings.set_setting(TOKEN, new_token.strip_edges())


## Why this address will not do, or "".
static func trouble_of(said: String) -> String:
	if said.is_empty():
		return "Say where the studio is, as https://studio.example.com, and give a token."
	if not said.begins_with("https://") and not said.begins_with("http://"):
		return "The address %s begins with neither https:// nor http://." % said
	return ""
