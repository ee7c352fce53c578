@tool
extends RefCounted
## How Godot is to import a picture: its .import file, written before Godot first sees the picture.
##
## What somebody changes there later stays. How a texture is filtered is no matter of its import in
## Godot 4 but of what draws it, so that nearest is a setting of the project.

const FILTER: String = "rendering/textures/canvas_textures/default_texture_filter"
const NEAREST: int = 0

## Parameters of ResourceImporterTexture, by look.
const PARAMETERS: Dictionary = {
	"pixel art":
	{
		"compress/mode": 0,
		"mipmaps/generate": false,
		"process/fix_alpha_border": false,
		"process/premult_alpha": false,
		"process/size_limit": 0,
		"detect_3d/compress_to": 0,
	},
	"smooth":
	{
		"compress/mode": 0,
		"mipmaps/generate": false,
		"process/fix_alpha_border": true,
		"process/premult_alpha": false,
		"process/size_limit": 0,
		"detect_3d/compress_to": 0,
	},
}


## Say how a picture is imported, where nobody has yet. OK, or why it can't be written.
static func declare(path: String, look: String) -> Error:
	if FileAccess.file_exists(path + ".import"):
		return OK
	var file: ConfigFile = ConfigFile.new()
	file.set_value("remap", "importer", "texture")
	file.set_value("remap", "type", "CompressedTexture2D")
	var parameters: Dictionary = PARAMETERS[look]
	for parameter: String in parameters:
		file.set_value("params", parameter, parameters[parameter])
	return file.save(path + ".import")


static func project_is_nearest() -> bool:
	return int(ProjectSettings.get_setting(FILTER, 1)) == NEAREST


## Draw every texture of this project by its nearest pixel, unless a node says otherwise.
static func make_project_nearest() -> Error:
	ProjectSettings.set_setting(FILTER, NEAREST)
	return ProjectSettings.save()
